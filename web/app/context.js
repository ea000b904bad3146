/**
 * The types between the page and its views. It has no code: any view may
 * import types from here, and nothing else from this folder.
 *
 * @typedef {object} AppContext what views need of the page
 * @property {string} base address of the page's folder
 * @property {() => Promise<import('../engine/assets.js').Assets>} assets
 * @property {Promise<unknown>} words resolves when there is a catalogue of sentences
 * @property {import('../lib/i18n.js').I18n} i18n
 * @property {import('../lib/local-storage.js').LocalStore} store
 * @property {import('../ui/status.js').StatusOfView} status of the view
 * @property {import('../ui/term.js').Terms} terms explains the field's words
 * @property {import('../lib/errors.js').ErrorArea} errors
 * @property {import('../lib/emitter.js').Emitter} events for scripts as well: progress, change (what has changed), error
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../engine/stage-client.js').StageClient} stage
 * @property {import('../engine/models.js').Models} models
 * @property {import('../ui/current-map.js').CurrentMap} maps which map of latent space scripts see: a view with one says so
 * @property {() => Record<string, string>} colours those of the theme: #rrggbb by name
 * @property {(error: unknown, retry?: () => void, cause?: Element) => void} fail shows an error, below the part of the page that caused it
 * @property {() => Promise<TrainingServices>} training brings in what trains, once
 * @property {import('../views/studio/studio.js').Studio} studio the view that the page begins with; its pads are in other views, too
 * @property {(bytes: ArrayBuffer, name: string, before?: string) => Promise<void>} useModel puts a model that was trained or opened here behind the pads and goes to
 *   the studio; before: the shipped model that its training began with
 * @property {(model: import('../engine/models.js').ListedModel) => Promise<void>} useListedModel the same for one that is shipped
 * @property {(bytes: ArrayBuffer, name: string) => Promise<void>} showModel shows a model that the pads cannot take
 *
 * @typedef {Awaited<ReturnType<typeof import('../training/setup.js').setUp>>} TrainingServices
 *
 * @typedef {object} View
 * @property {(hash: string) => void} enter it is shown, or has another address while it is
 * @property {() => Promise<unknown>} [settled] what it shows first is there: until then, and no longer than a moment, it is not seen
 * @property {() => void} leave another view is shown
 * @property {() => void} themed the colours are others
 * @property {() => string} status key of what its status says before anything has happened
 * @property {(files: import('../training/data-reader.js').NamedFile[]) => void} [takeData] takes the files of a data set
 * @property {() => void} [prepareData] files are being dragged over the page and may be dropped
 * @property {(files: import('../training/data-reader.js').NamedFile[], target: Element | null) => boolean} [takePictures]
 *   takes pictures that were dropped on target while it is shown; false: they are not for it
 * @property {(file: File) => boolean} [takeModel] takes a model file that was dropped while it is shown; false: it is not for it
 * @property {(bytes: ArrayBuffer, name: string) => void} [showModel] shows a model
 * @property {(query: URLSearchParams) => void} [share] adds to the address what else it shows
 * @property {() => Element | null} [dropTarget] the part of it to highlight while files are dragged over it
 *
 * @typedef {object} ViewEntry a line of the table of views
 * @property {string} name its address is #name; the element with this id contains it
 * @property {string} title key of the page's title
 * @property {string} label key of its link, and of the name of its element
 * @property {string[]} styles style sheets that it needs besides those of the page
 * @property {string[]} [parts] files of it that are kept for use without a network once it was opened, not before
 * @property {() => Promise<{open: (context: AppContext, root: HTMLElement) => View | Promise<View>}>} load its module
 */
export {};
