/** The page in frames of others: what they put into their HTML. */

/**
 * The HTML that puts a frame into another page.
 *
 * @param {string} address of what it shows
 * @param {string} title of the frame, for screen readers
 */
export function embedCode(address, title) {
  const url = new URL(address);
  url.search = 'embed=1';
  const text = (/** @type {string} */ t) => t.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const sandbox = 'allow-scripts allow-popups allow-popups-to-escape-sandbox';
  return `<iframe src="${text(url.href)}" title="${text(title)}" width="480" height="320" style="border: 0" sandbox="${sandbox}"></iframe>`;
}
