// The part of the WebAssembly JavaScript API that this package uses and @types/node leaves out.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  // oxlint-disable-next-line no-var
  var Instance: new (module: Module, imports: Record<string, Record<string, unknown>>) => Instance;
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}
