package proto

import "testing"

func TestLabelsChecks(t *testing.T) {
	digits := Data{Kind: "digits", Count: 100}
	open := LabelsOpen{digits, digits, 100, 50}
	for _, r := range []interface{ Check() error }{open, LabelsFit{FeaturesMu, 100, 1}, LabelsFit{FeaturesPixels, 10, 0}} {
		if err := r.Check(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, c := range []struct {
		r     interface{ Check() error }
		field string
	}{
		{LabelsOpen{Data{}, digits, 100, 50}, "data.kind"},
		{LabelsOpen{digits, Data{}, 100, 50}, "validation.kind"},
		{LabelsOpen{digits, digits, MinLabelsPool - 1, 50}, "pool"},
		{LabelsOpen{digits, digits, MaxLabelsPool + 1, 50}, "pool"},
		{LabelsOpen{digits, digits, 100, 0}, "tests"},
		{LabelsFit{"ink", 100, 1}, "features"},
		{LabelsFit{FeaturesMu, 0, 1}, "labels"},
		{LabelsFit{FeaturesMu, 10, -1}, "seed"},
	} {
		if e := AsError(c.r.Check()); e == nil || e.Code != CodeBadValue || e.Field != c.field {
			t.Errorf("%+v: %v, want %s", c.r, e, c.field)
		}
	}
}
