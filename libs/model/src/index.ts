export { MODEL_ERRORS } from './errors.ts';
export { InstrumentBook } from './instrument-book.ts';
export { type InstrumentIdParts, instrumentId, parseInstrumentId } from './instrument-id.ts';
export {
  type AssetClass,
  assetClassOf,
  type OptionDefaults,
  OTC,
  otcOption,
} from './instrument-kind.ts';
export { type OptionTerms, optionSymbol, parseOptionSymbol } from './option-symbol.ts';
