/**
 * The ground of a map: which places are decoded, how finely, and what is known of
 * them. Places are the middles of squares whose sides are powers of two, in units
 * of latent space, so that what was decoded serves again after a move or a zoom.
 *
 * @typedef {import('./latent-map-geometry.js').MapGeometry} MapGeometry
 * @typedef {{key: string, x: number, y: number, size: number}} Cell a square of the plane: its middle and its side
 * @typedef {Cell & {pixels: Uint8Array, version: number, slot: number, used: number, painted: boolean}} Tile
 *   pixels: a byte a value; version: of the model; slot: its place on the painter's sheet
 */

/** Most squares along the shorter side of a map; at least half as many are shown. */
const across = 20;

/** Most tiles, and most pixels of all of them: the painter has them on one sheet. */
const most = { tiles: 1024, pixels: 4 << 20 };

/** Levels that were decoded before are shown until the present one is there, so many to either side. */
const near = 2;

/** The squares of a ground, and their pictures. */
export class MapTiles {
  /** Of the model: tiles of an earlier one are decoded again. */
  version = 0;
  /** How many tiles there can be. */
  capacity = most.tiles;

  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** Slots that are free. @type {number[]} */
  #free = [];
  /** Counts uses. */
  #clock = 0;

  /** Forgets all tiles. @param {number[]} shape of the pictures: channels, height, width */
  clear([, h, w]) {
    this.#tiles.clear();
    this.capacity = Math.max(Math.min(most.tiles, Math.floor(most.pixels / (h * w))), 16);
    this.#free = Array.from({ length: this.capacity }, (_, i) => this.capacity - 1 - i);
  }

  /** Every tile has to be painted anew: there are other colours. */
  unpaint() {
    for (const tile of this.#tiles.values()) tile.painted = false;
  }

  /** The level of the squares for a map: their side is 2 to that power. @param {MapGeometry} map */
  level({ span, aspect }) {
    const wide = Math.max(aspect, 1 / aspect);
    const side = Math.min(across, Math.max(2, Math.floor(Math.sqrt(this.capacity / (2 * wide)))));
    return Math.ceil(Math.log2(span / side));
  }

  /**
   * The tiles to paint, those to be painted over by others first.
   *
   * @param {MapGeometry} map
   * @returns {Tile[]}
   */
  shown(map) {
    const level = this.level(map);
    const size = 2 ** level;
    const visible = cells(map, level);
    const tiles = visible.flatMap((cell) => this.#use(cell.key));
    if (tiles.length === visible.length) return tiles;
    const sizes = Array.from({ length: near }, (_, i) => [size * 2 ** (i + 1), size / 2 ** (i + 1)]).flat();
    const others = [...this.#tiles.values()].filter((tile) => sizes.includes(tile.size) && overlaps(tile, map));
    return [...others.sort((a, b) => b.size - a.size), ...tiles];
  }

  /**
   * Squares to decode: first those without a picture, the nearest to a place first, then
   * those whose pictures are of an earlier model, the oldest first.
   *
   * @param {MapGeometry} map
   * @param {number} n most
   * @param {{x: number, y: number}} [focus]
   * @returns {Cell[]}
   */
  wanted(map, n, focus = map.center) {
    const far = (/** @type {Cell} */ c) => Math.hypot(c.x - focus.x, c.y - focus.y);
    const age = (/** @type {Cell} */ c) => this.#tiles.get(c.key)?.version ?? -1;
    return cells(map, this.level(map))
      .filter((c) => age(c) < this.version)
      .map((c) => ({ c, age: age(c), far: far(c) }))
      .sort((a, b) => a.age - b.age || a.far - b.far)
      .slice(0, n)
      .map(({ c }) => c);
  }

  /**
   * Takes the picture of a square.
   *
   * @param {Cell} cell
   * @param {Uint8Array} pixels
   * @param {number} version of the model that painted it
   */
  set(cell, pixels, version) {
    const before = this.#tiles.get(cell.key);
    const slot = before?.slot ?? this.#slot();
    this.#tiles.set(cell.key, { ...cell, pixels, version, slot, used: ++this.#clock, painted: false });
  }

  /**
   * The tile of a place, if it was decoded.
   *
   * @param {MapGeometry} map
   * @param {{x: number, y: number}} place
   */
  at(map, { x, y }) {
    const size = 2 ** this.level(map);
    return this.#tiles.get(keyOf(size, Math.floor(x / size), Math.floor(y / size))) ?? null;
  }

  /** @param {string} key @returns {Tile[]} one or none */
  #use(key) {
    const tile = this.#tiles.get(key);
    if (!tile) return [];
    tile.used = ++this.#clock;
    return [tile];
  }

  /** A free slot: that of the tile that was used least lately, if there is none. */
  #slot() {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    let [oldest] = this.#tiles.values();
    for (const tile of this.#tiles.values()) if (tile.used < oldest.used) oldest = tile;
    this.#tiles.delete(oldest.key);
    return oldest.slot;
  }
}

/** @param {number} size @param {number} i @param {number} j */
const keyOf = (size, i, j) => `${size} ${i} ${j}`;

/**
 * The squares of a level that are on a map.
 *
 * @param {MapGeometry} map
 * @param {number} level
 * @returns {Cell[]}
 */
function cells({ center, width, height }, level) {
  const size = 2 ** level;
  const range = (/** @type {number} */ middle, /** @type {number} */ whole) => [
    Math.floor((middle - whole / 2) / size),
    Math.ceil((middle + whole / 2) / size),
  ];
  const [left, right] = range(center.x, width);
  const [bottom, top] = range(center.y, height);
  /** @type {Cell[]} */
  const out = [];
  for (let j = bottom; j < top; j++)
    for (let i = left; i < right; i++) out.push({ key: keyOf(size, i, j), x: (i + 0.5) * size, y: (j + 0.5) * size, size });
  return out;
}

/** @param {Tile} tile @param {MapGeometry} map */
const overlaps = ({ x, y, size }, { center, width, height }) =>
  2 * Math.abs(x - center.x) < width + size && 2 * Math.abs(y - center.y) < height + size;
