package scene

// stripCells gives the places of the strip's frames, all square: as many as fit
// beside each other at the slot's height, spread over its whole width. Around
// each there is room for the mark of the current frame, gap/2 wide.
func stripCells(slot Rect, gap int) []Rect {
	const fewest, most = 3, 64
	mark := gap / 2
	side := slot.H - 2*mark
	if wide := (slot.W - 2*mark - (fewest-1)*gap) / fewest; wide < side {
		side = wide
	}
	if side < 1 {
		return nil
	}
	n := min((slot.W-2*mark+gap)/(side+gap), most)
	way := slot.W - 2*mark - side // of the left edge from the first cell to the last
	cells := make([]Rect, n)
	for i := range cells {
		cells[i] = Rect{slot.X + mark + way*i/(n-1), slot.Y + (slot.H-side)/2, side, side}
	}
	return cells
}

// gridCells gives the places of n squares in rows, as large as the slot allows,
// the whole in its middle.
func gridCells(slot Rect, n, gap int) []Rect {
	columns, side := 0, 0
	for c := 1; c <= n; c++ {
		rows := (n + c - 1) / c
		if s := min((slot.W-gap*(c-1))/c, (slot.H-gap*(rows-1))/rows); s > side {
			columns, side = c, s
		}
	}
	if side < 1 {
		return nil
	}
	rows := (n + columns - 1) / columns
	x := slot.X + (slot.W-columns*(side+gap)+gap)/2
	y := slot.Y + (slot.H-rows*(side+gap)+gap)/2
	cells := make([]Rect, n)
	for i := range cells {
		cells[i] = Rect{x + i%columns*(side+gap), y + i/columns*(side+gap), side, side}
	}
	return cells
}
