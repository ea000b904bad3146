// Package scene is what is on the stage: two drawing pads, the model's input
// and reconstruction, the morph between the drawings, a strip of its frames, a
// grid of samples. It keeps the state, lays out what lies inside of each
// region, runs the playback clock and says what to paint, in calls on a
// [Painter].
//
// The package knows no graphics library, no browser and no clock of its own, so
// everything here is tested natively. The two painters, Ebitengine and a 2D
// canvas, only fill rectangles, draw pictures and ink; what a picture looks
// like is decided here, once for both.
//
// Places and sizes are whole device pixels, see [View]. Pictures come as
// numbers from 0, paper, to 1, ink, and are mapped to the colours of the theme.
package scene
