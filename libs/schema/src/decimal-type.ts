import { type Decimal, decimalFromUnits } from '@cerberus/core';
import avro from 'avsc';

const BYTES = 16;

/** Avro `decimal(38, 18)` on a 16-byte big-endian two's-complement `fixed`, as a `Decimal`. */
export class DecimalType extends avro.types.LogicalType {
  protected override _fromValue(bytes: Buffer): Decimal {
    return decimalFromUnits((bytes.readBigInt64BE(0) << 64n) | bytes.readBigUInt64BE(8));
  }

  protected override _toValue(value: unknown): Buffer | undefined {
    if (typeof value !== 'bigint') return undefined;
    const bytes = Buffer.allocUnsafe(BYTES);
    bytes.writeBigInt64BE(value >> 64n, 0);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 8);
    return bytes;
  }

  protected override _resolve(type: avro.Type): unknown {
    // What the writer's type read is a Decimal already.
    return type instanceof DecimalType ? (value: unknown) => value : undefined;
  }
}
