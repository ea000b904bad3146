// Package onnx writes the networks of a model as ONNX graphs (Open Neural Network
// Exchange, https://onnx.ai), opset 17 of the standard operators. The schema is
// onnx.proto of IR version 8; protowire encodes it.
//
// All numbers are float32, and the first axis of everything is the batch, of any
// length:
//
//	encoder.onnx             x [batch, C, H, W] -> mu, logvar [batch, latent]
//	decoder.onnx             z [batch, latent] -> x [batch, C, H, W], means in [0, 1]
//	classifier.onnx          x [batch, C, H, W] -> probabilities [batch, classes]
//	latent_classifier.onnx   mu [batch, latent] -> probabilities [batch, classes]
//	discriminator.onnx       x [batch, C, H, W] -> real [batch, 1], a probability
//	prior.onnx               u [batch] in [0, 1), e [batch, latent] of N(0, I) -> z [batch, latent]
//
// Encoder and decoder of a conditional model take y [batch, classes], a one-hot
// class or weights of classes. classifier.onnx is what vae.Model.Recognise computes,
// and prior.onnx draws from the fitted prior what vae.Model.SampleFitted does. A
// model has those of these graphs that it has networks for.
package onnx
