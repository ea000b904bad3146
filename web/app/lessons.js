/**
 * Prepared addresses, each with a question, what to look for, and what it
 * shows: keys among the texts of the tour. docs/lessons.md lists them for
 * teachers.
 */
export const lessons = [
  {
    name: 'autoencoder',
    address: '#train?preset=quick&beta=0',
    ...{ question: 'lesson.autoencoder', look: 'lesson.autoencoder-look', shows: 'lesson.autoencoder-shows' },
  },
  {
    name: 'kl',
    address: '#train?preset=map&beta=0.1',
    ...{ question: 'lesson.kl', look: 'lesson.kl-look', shows: 'lesson.kl-shows' },
  },
  {
    name: 'collapse',
    address: '#train?preset=quick&beta=40',
    ...{ question: 'lesson.collapse', look: 'lesson.collapse-look', shows: 'lesson.collapse-shows' },
  },
  {
    name: 'dimensions',
    address: '#lab?e=sweep&sizes=2-40',
    ...{ question: 'lesson.dimensions', look: 'lesson.dimensions-look', shows: 'lesson.dimensions-shows' },
  },
  {
    name: 'gan',
    address: '#lab?e=versus&gan=collapse',
    ...{ question: 'lesson.gan', look: 'lesson.gan-look', shows: 'lesson.gan-shows' },
  },
  {
    name: 'hand',
    address: '#hand',
    ...{ question: 'lesson.hand', look: 'lesson.hand-look', shows: 'lesson.hand-shows' },
  },
];
