/** What views need that run something, or name what runs can begin with. */
const starts = ['generated/start-models.js'];

/** The map of a model, which two views have. */
const map = ['ui/model-map.js', 'ui/model-map-canvas.js', 'ui/model-map-controls.js', 'ui/model-map-tiles.js', 'css/model-map.css'];

/** The buttons that export a model, which two views have. */
const exporting = 'ui/export-buttons.js';

/**
 * The table of the views, in the order of their links. A new view is a folder
 * in views/ and a line here. The first is shown where the address names none.
 *
 * @type {import('./context.js').ViewEntry[]}
 */
export const views = [
  { name: 'studio', title: 'page.title', label: 'page.studio', styles: [], load: () => import('../views/studio/studio.js') },
  {
    name: 'hand',
    title: 'page.title-hand',
    label: 'page.hand',
    styles: ['css/hand.css'],
    load: () => import('../views/hand/hand-view.js'),
  },
  {
    name: 'train',
    title: 'page.title-train',
    label: 'page.train',
    styles: ['css/train.css', 'css/compare.css', 'css/model-map.css'],
    parts: [
      ...map,
      ...starts,
      exporting,
      'ui/lapse-palette.js',
      'views/train/lapse.js',
      'views/train/lapse-picture.js',
      'training/checkpoint-file.js',
      'training/curve-csv.js',
      'training/own-hand.js',
      'views/train/own-hand.js',
      'css/own-hand.css',
      'app/own-model.js',
      'engine/second-engine.js',
      'views/studio/before.js',
    ],
    load: () => import('../views/train/train-view.js'),
  },
  {
    name: 'lab',
    title: 'page.title-lab',
    label: 'page.lab',
    styles: ['css/train.css', 'css/experiments.css', 'css/compare.css'],
    parts: [
      ...starts,
      'training/checkpoint-file.js',
      'views/experiments/vae-vs-gan.js',
      'views/experiments/vae-vs-gan-model.js',
      'views/experiments/vae-vs-gan-run.js',
    ],
    load: () => import('../views/experiments/experiments.js'),
  },
  {
    name: 'gallery',
    title: 'page.title-gallery',
    label: 'page.gallery',
    styles: ['css/gallery.css', 'css/model-map.css'],
    parts: [...map, ...starts, exporting, 'views/gallery/export-row.js'],
    load: () => import('../views/gallery/gallery.js'),
  },
];

/** The view that takes data sets, wherever they are dropped. */
export const dataView = 'train';

/** The view that shows a model the pads cannot take. */
export const modelView = 'gallery';
