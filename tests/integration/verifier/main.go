// Command verifier checks an exported audit bundle with the Go project's own note and Merkle tree
// packages, so that the product's proofs are judged by code that shares nothing with it.
//
//	verifier DIRECTORY
//
// The directory holds vkey, checkpoint, checkpoint.earlier, consistency, streams.json,
// entries/<index>.json and proofs/<index>. An event without an entry is redacted: only its leaf
// hash is checked. Exit code 0 when everything holds, 1 after printing each failure.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type event struct {
	Index int64  `json:"index"`
	Leaf  string `json:"leaf"`
	Entry string `json:"entry"`
}

type stream struct {
	Stream string  `json:"stream"`
	Events []event `json:"events"`
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

type bundle struct {
	directory string
	verifier  note.Verifier
	note      string // the bundle's checkpoint, verbatim
	head      checkpoint
	failures  int
}

func (b *bundle) fail(format string, arguments ...interface{}) {
	b.failures++
	fmt.Printf("FAILED "+format+"\n", arguments...)
}

func (b *bundle) read(name string) (string, error) {
	bytes, err := os.ReadFile(filepath.Join(b.directory, name))
	return string(bytes), err
}

// number reads a decimal number in its only spelling.
func number(text string) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 || strconv.FormatInt(value, 10) != text {
		return 0, fmt.Errorf("%q is no decimal number", text)
	}
	return value, nil
}

// open verifies the signature of a checkpoint of this log and reads its three lines.
func (b *bundle) open(text string) (checkpoint, error) {
	opened, err := note.Open([]byte(text), note.VerifierList(b.verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, fmt.Errorf("not the three lines origin, size and root")
	}
	if lines[0] != b.verifier.Name() {
		return checkpoint{}, fmt.Errorf("of the log %s, not %s", lines[0], b.verifier.Name())
	}
	size, err := number(lines[1])
	if err != nil {
		return checkpoint{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return checkpoint{size, root}, err
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var result []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		result = append(result, hash)
	}
	return result, nil
}

// checkConsistency proves that the earlier checkpoint is a prefix of the newer one.
func (b *bundle) checkConsistency() (checkpoint, error) {
	text, err := b.read("checkpoint.earlier")
	if err != nil {
		return checkpoint{}, err
	}
	earlier, err := b.open(text)
	if err != nil {
		return checkpoint{}, err
	}
	text, err = b.read("consistency")
	if err != nil {
		return checkpoint{}, err
	}
	proof, err := hashes(strings.Fields(text))
	if err != nil {
		return checkpoint{}, err
	}
	return earlier, tlog.CheckTree(proof, b.head.size, b.head.root, earlier.size, earlier.root)
}

// inclusion reads proofs/<index> and gives its hashes; the checkpoint in it must be the bundle's.
func (b *bundle) inclusion(index int64) (tlog.RecordProof, error) {
	text, err := b.read(fmt.Sprintf("proofs/%d", index))
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	if !strings.HasPrefix(text, head) {
		return nil, fmt.Errorf("not a proof for index %d", index)
	}
	// After the two lines: either the blank line at once, or hashes and then the blank line.
	body, rest := "", text[len(head):]
	if strings.HasPrefix(rest, "\n") {
		rest = rest[1:]
	} else if end := strings.Index(rest, "\n\n"); end >= 0 {
		body, rest = rest[:end], rest[end+2:]
	}
	if rest != b.note {
		return nil, fmt.Errorf("its checkpoint is not the bundle's")
	}
	if body == "" {
		return nil, nil
	}
	return hashes(strings.Split(body, "\n"))
}

func (b *bundle) checkEvent(e event) error {
	bytes, err := hex.DecodeString(e.Leaf)
	if err != nil || len(bytes) != tlog.HashSize {
		return fmt.Errorf("its leaf hash is malformed")
	}
	var leaf tlog.Hash
	copy(leaf[:], bytes)
	if e.Entry != "" {
		if e.Entry != fmt.Sprintf("entries/%d.json", e.Index) {
			return fmt.Errorf("its entry is named %s", e.Entry)
		}
		entry, err := b.read(e.Entry)
		if err != nil {
			return err
		}
		if tlog.RecordHash([]byte(entry)) != leaf {
			return fmt.Errorf("the entry does not have the leaf hash")
		}
	}
	proof, err := b.inclusion(e.Index)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, b.head.size, b.head.root, e.Index, leaf)
}

func (b *bundle) check() error {
	vkey, err := b.read("vkey")
	if err != nil {
		return err
	}
	if b.verifier, err = note.NewVerifier(strings.TrimSuffix(vkey, "\n")); err != nil {
		return fmt.Errorf("vkey: %v", err)
	}
	if b.note, err = b.read("checkpoint"); err != nil {
		return err
	}
	if b.head, err = b.open(b.note); err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	earlier, err := b.checkConsistency()
	if err != nil {
		b.fail("checkpoint.earlier: %v", err)
	}

	text, err := b.read("streams.json")
	if err != nil {
		return err
	}
	var listed struct {
		Streams []stream `json:"streams"`
	}
	if err := json.Unmarshal([]byte(text), &listed); err != nil {
		return fmt.Errorf("streams.json: %v", err)
	}
	events := 0
	for _, s := range listed.Streams {
		for _, e := range s.Events {
			events++
			if err := b.checkEvent(e); err != nil {
				b.fail("stream %s, event %d: %v", s.Stream, e.Index, err)
			}
		}
	}
	if events == 0 {
		b.fail("streams.json lists no event")
	}
	if b.failures == 0 {
		fmt.Printf("verified %d events, checkpoint size %d, earlier size %d\n", events, b.head.size,
			earlier.size)
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: verifier DIRECTORY")
		os.Exit(2)
	}
	b := &bundle{directory: os.Args[1]}
	if err := b.check(); err != nil {
		b.fail("%v", err)
	}
	if b.failures > 0 {
		os.Exit(1)
	}
}
