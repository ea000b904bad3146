/** The version of Inkdrift: that of the newest entry of CHANGELOG.md. */
export const version = '0.2.0';
