// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"goref/testdata/forms"
)

// A rewritten package must behave as before, in every form.
func TestFormsKeepTheirMeaning(t *testing.T) {
	folder := t.TempDir()
	if err := Module("../testdata/forms", folder); err != nil {
		t.Fatal(err)
	}
	program, err := Build(folder)
	if err != nil {
		t.Fatal(err)
	}
	scenario := filepath.Join(folder, "scenario.json")
	if err := os.WriteFile(scenario, []byte(`{"source":"slice","buffer":0,"steps":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(program, "run", scenario).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	before, trace, _ := strings.Cut(string(said), `{"scenario"`)
	if want := strings.Join(forms.Forms(), "\n") + "\n"; before != want {
		t.Errorf("the rewritten copy said\n%sbut the package itself\n%s", before, want)
	}
	for _, event := range []string{
		`"proc":"stream","op":"closed","chan":"buffered"`, `"proc":"func","op":"send","chan":"inner"`,
		`"proc":"stream","op":"recv","chan":"answer"`, `"proc":"func","op":"close","chan":"ticks"`,
	} {
		if !strings.Contains(trace, event) {
			t.Errorf("the trace has no %s:\n%s", event, trace)
		}
	}
}

// Messages of the compiler or of a panic about a copy must apply to the original.
func TestLinesKeepTheirNumbers(t *testing.T) {
	for _, name := range []string{"plain", "unlike", "forms"} {
		folder := t.TempDir()
		if err := Module("../testdata/"+name, folder); err != nil {
			t.Fatal(err)
		}
		original, err := os.ReadFile("../testdata/" + name + "/" + name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		copied, err := os.ReadFile(filepath.Join(folder, "user", name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := bytes.Count(copied, []byte("\n")), bytes.Count(original, []byte("\n")); got != want {
			t.Errorf("%s.go has %d lines, and its copy %d", name, want, got)
		}
	}
}

func TestUnfitPackagesAreRefused(t *testing.T) {
	for name, source := range map[string]string{
		"no function AsyncStreamFromReader": "package p",
		"a program":                         "package main\nfunc main() {}",
		"only the standard library":         "package p\nimport _ \"example.com/elsewhere\"",
		"undeclared":                        "package p\nvar a = b",
		"expected":                          "package p\nfunc",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "p.go"), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		err := Module(folder, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}
