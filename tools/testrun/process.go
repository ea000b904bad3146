package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// stream runs a program and calls line with each line of its standard output.
// What it starts itself ends with it, at the latest when ctx ends.
func stream(ctx context.Context, cmd *exec.Cmd, line func([]byte)) error {
	ownGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer killGroup(cmd) // what it left behind
	stop := context.AfterFunc(ctx, func() { killGroup(cmd) })
	defer stop()

	r := bufio.NewReaderSize(out, 1<<20)
	for {
		text, err := r.ReadBytes('\n')
		if len(text) > 0 {
			line(bytes.TrimSuffix(text, []byte("\n")))
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("reading what %s prints: %w", cmd.Path, err)
				return errors.Join(err, cmd.Wait())
			}
			break
		}
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// output runs a program and returns all it prints, on both streams.
func output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var all bytes.Buffer
	ownGroup(cmd)
	cmd.Stdout, cmd.Stderr = &all, &all
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return "", err
	}
	defer killGroup(cmd)
	stop := context.AfterFunc(ctx, func() { killGroup(cmd) })
	defer stop()
	err := cmd.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return all.String(), err
}

// indent sets off what others print.
func indent(text string) string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}
