/**
 * A canvas for tests of charts, without a document: what is painted on it can be
 * read.
 */

/** @typedef {{op: string, args: any[], strokeStyle: string, fillStyle: string, globalAlpha: number, dash: number[]}} Mark */

/** What a context remembers of each call. */
const styles = { strokeStyle: '', fillStyle: '', globalAlpha: 1, font: '12px serif' };

/** Makes a 2D context that remembers what it was told; `marks` are the calls since the last clearRect. */
function makePen() {
  /** @type {Record<string, any>} */
  const state = { ...styles, marks: /** @type {Mark[]} */ ([]), dash: [] };
  return new Proxy(state, {
    get(target, name) {
      const op = String(name);
      if (op in target) return target[op];
      return (/** @type {any[]} */ ...args) => {
        if (op === 'clearRect') target.marks = [];
        if (op === 'setLineDash') [target.dash] = args;
        const { strokeStyle, fillStyle, globalAlpha, dash } = target;
        target.marks.push({ op, args, strokeStyle, fillStyle, globalAlpha, dash });
        if (op === 'measureText') return { width: 6 * args[0].length };
        if (op === 'createImageData') return { data: new Uint8ClampedArray(4 * args[0] * args[1]) };
      };
    },
  });
}

/**
 * A canvas of a size in CSS pixels, with what a chart needs of a window in the
 * global scope.
 *
 * @param {number} width
 * @param {number} height
 */
export function makeCanvas(width, height) {
  /** @type {Map<string, (event: any) => void>} */
  const listeners = new Map();
  const pen = makePen();
  const canvas = {
    ...{ width: 0, height: 0, getContext: () => pen },
    addEventListener: (/** @type {string} */ type, /** @type {(event: any) => void} */ fn) => void listeners.set(type, fn),
  };
  Object.assign(globalThis, {
    window: { devicePixelRatio: 1 },
    document: { createElement: () => ({ getContext: makePen }) },
    getComputedStyle: () => ({ fontSize: '10px', fontFamily: 'serif' }),
    requestAnimationFrame: (/** @type {(now: number) => void} */ fn) => setTimeout(() => fn(performance.now()), 0),
    ResizeObserver: class {
      /** @param {(entries: any[]) => void} fn */
      constructor(fn) {
        this.fn = fn;
      }
      observe() {
        this.fn([{ contentRect: { width, height } }]);
      }
    },
  });
  return {
    canvas: /** @type {any} */ (canvas),
    /** What is painted now. @returns {Promise<Mark[]>} */
    async marks() {
      await new Promise((done) => setTimeout(done, 5));
      return pen.marks;
    },
    /** The pointer is here, or leaves. @param {number | null} x */
    point: (x) => listeners.get(x === null ? 'pointerleave' : 'pointermove')?.({ offsetX: x }),
  };
}

/**
 * Lines that were drawn in a colour: each list of points from where the pen was
 * put down.
 *
 * @param {Mark[]} marks
 * @param {string} colour
 * @returns {{points: [number, number][], mark: Mark}[]}
 */
export function lines(marks, colour) {
  /** @type {{points: [number, number][], mark: Mark}[]} */
  const out = [];
  for (const mark of marks) {
    if (mark.strokeStyle !== colour) continue;
    const [x, y] = mark.args;
    if (mark.op === 'moveTo') out.push({ points: [[x, y]], mark });
    if (mark.op === 'lineTo') out.at(-1)?.points.push([x, y]);
  }
  return out;
}

/** Words that were written, with their places. @param {Mark[]} marks @returns {{text: string, x: number, y: number, colour: string}[]} */
export function written(marks) {
  return marks
    .filter(({ op }) => op === 'fillText')
    .map(({ args: [text, x, y], fillStyle }) => ({ text: String(text), x, y, colour: fillStyle }));
}
