// The part of the WebAssembly interface that this library uses; the compiler's ES libraries leave it to
// those of the browser, which nothing here may otherwise see.
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
