// Package store reads and writes models as safetensors files
// (https://github.com/huggingface/safetensors, format section of the README):
// eight bytes of little-endian header length, a JSON header that names each
// tensor's dtype, shape and byte range, and the bytes. Only F32 and F16 are
// used here, and bytes (U8) in attachments, tensors that are no part of a model. A reader trusts nothing in a file: every number is checked against
// the actual bytes before memory is allocated.
package store
