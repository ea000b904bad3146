/** What the classic scripts of the engine's worker put on the global object. */

/** A Go program that is run; wasm_exec.js of the Go distribution defines the class. */
interface GoProgram {
  argv: string[];
  env: Record<string, string>;
  exit: (code: number) => void;
  importObject: WebAssembly.Imports;
  /** Resolves when the program has ended. */
  run(instance: WebAssembly.Instance): Promise<void>;
}

declare var Go: new () => GoProgram;

/** A variant of the SIMD kernel. */
type KernelVariant = 'relaxed' | 'strict';

/** What kernel.js gives. */
interface KernelLoader {
  supports(variant: KernelVariant): boolean;
  candidates(best?: KernelVariant | 'off'): KernelVariant[];
  create(): {
    /** Each function that is asked for, whatever its name. */
    imports: Record<string, (...args: number[]) => number>;
    load(
      memory: WebAssembly.Memory,
      get: (variant: KernelVariant) => Promise<BufferSource> | BufferSource,
      best?: KernelVariant | 'off',
    ): Promise<{ variant: KernelVariant | 'off'; errors: unknown[] }>;
  };
}

declare var inkdriftKernel: KernelLoader;

/** The address of worker.js where a blob has started it. */
declare var inkdriftAddress: string | undefined;
