// Package ink turns drawings into the pictures that models take. It knows no data set and no file format.
//
// A drawing is a list of [Stroke], on the unit square with y down. [Rasterize] turns strokes into pixels, [FromImage] finds
// the ink in a picture, and [Prepare] makes of either what the authors of MNIST made of theirs: 28x28 pixels, the digit
// fitted into 20x20 with its aspect kept, its centre of mass at the centre. 0 is paper and 1 (or 255) is ink. [Warp] alters
// such a picture as another handwriting would.
package ink
