package main

import (
	"context"
	"fmt"
	"io"

	"inkdrift/tools/internal/progress"
	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// trainHead puts the classifier that the recipe asks for on a trained model.
func trainHead(ctx context.Context, m *vae.Model, r train.Recipe, d, test data.Dataset, stderr io.Writer) (*vae.Model, error) {
	m, err := m.WithClassifier(r.Model.Classes, r.Model.Classifier, r.Head.Seed)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "classifier: encoding %d pictures and %d altered copies of each\n", d.Len(), r.Head.Copies)
	mu, labels, err := train.HeadFeatures(m, d, r.Head)
	if err != nil {
		return nil, err
	}
	line := progress.New(stderr)
	err = train.TrainHead(m, mu, labels, r.Head, func(epoch int, loss float64) error {
		line.Show(func() string {
			return fmt.Sprintf("classifier: epoch %d/%d, cross-entropy %.4f nats", epoch+1, r.Head.Epochs, loss)
		})
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	accuracy, err := train.Accuracy(m, test)
	if err != nil {
		return nil, err
	}
	line.Printf("classifier: error %.2f %% on %d test pictures", 100*(1-accuracy), test.Len())
	return m, nil
}
