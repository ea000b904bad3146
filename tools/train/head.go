package main

import (
	"context"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

func trainHead(ctx context.Context, m *vae.Model, recipe train.Recipe, trainSet, testSet data.Dataset, r *reporter) (*vae.Model, error) {
	return m, nil
}
