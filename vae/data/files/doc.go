// Package files recognises data sets in whatever files people have.
package files
