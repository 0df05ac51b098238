// SPDX-License-Identifier: Apache-2.0

// Package rewrite makes a copy of a user's package whose channel operations are traced, and builds
// from that copy a program that plays scenarios on it. The package itself is only read.
//
// The copy differs from the original only in the text of its channel operations and go statements,
// and its lines keep their numbers, so that messages of the compiler or of a panic apply to the
// original.
package rewrite

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"goref"
)

// Module writes a Go module to the folder out: the rewritten copy of the package in dir, what it
// needs, and a main package that has the commands run and compare.
func Module(dir, out string) error {
	build.Default.CgoEnabled = false // only types are needed, and cgo would need a C compiler
	found, err := build.ImportDir(dir, 0)
	if err != nil {
		return fmt.Errorf("%s: %v", dir, err)
	}
	if found.Name == "main" {
		return fmt.Errorf("%s: a program; a package with the reference's API is needed", dir)
	}
	checked, err := check(dir, found.GoFiles)
	if err != nil {
		return err
	}
	program, err := mainFile(dir, checked.types)
	if err != nil {
		return err
	}
	if err := write(out, "main.go", program); err != nil {
		return err
	}
	for i, file := range checked.files {
		if err := write(out, filepath.Join("user", found.GoFiles[i]), checked.rewritten(i, file)); err != nil {
			return err
		}
	}
	return fs.WalkDir(goref.Sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := goref.Sources.ReadFile(path)
		if err != nil {
			return err
		}
		return write(out, path, string(content))
	})
}

// Build builds the module in the folder, and returns the path of the program.
func Build(folder string) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", errors.New("no Go compiler here; install golang-go")
	}
	program := filepath.Join(folder, "rewritten")
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GO111MODULE=on", "CGO_ENABLED=0")
	if _, err := os.UserCacheDir(); err != nil && os.Getenv("GOCACHE") == "" {
		command.Env = append(command.Env, "GOCACHE="+filepath.Join(folder, "cache"))
	}
	if said, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the rewritten copy does not build: %s", firstError(string(said)))
	}
	return program, nil
}

func firstError(said string) string {
	for _, line := range strings.Split(said, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return "go build said nothing"
}

func write(folder, name, content string) error {
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// checkedPackage is a package that has been parsed and type-checked.
type checkedPackage struct {
	set     *token.FileSet
	files   []*ast.File
	sources [][]byte
	types   *types.Package
	info    *types.Info
}

func check(dir string, names []string) (*checkedPackage, error) {
	checked := &checkedPackage{set: token.NewFileSet(), info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
	}}
	for _, name := range names {
		path := filepath.Join(dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(checked.set, path, source, 0)
		if err != nil {
			return nil, err
		}
		checked.files = append(checked.files, file)
		checked.sources = append(checked.sources, source)
	}
	config := types.Config{Importer: importer.ForCompiler(checked.set, "source", nil)}
	var err error
	checked.types, err = config.Check(dir, checked.set, checked.files, checked.info)
	if err != nil {
		said, _, _ := strings.Cut(err.Error(), "\n")
		if strings.Contains(said, "could not import") {
			said += " (only the standard library can be imported)"
		}
		return nil, errors.New(said)
	}
	return checked, nil
}

// mainFile returns the program's main.go. It must name the types that the package's functions
// return.
func mainFile(dir string, checked *types.Package) (string, error) {
	lacks := func(what string) (string, error) {
		return "", fmt.Errorf("%s: package %s has no %s, which the reference's API has", dir, checked.Name(), what)
	}
	inUser := func(*types.Package) string { return "user" }
	var stream types.Type
	for _, name := range []string{"AsyncStreamFromReader", "AsyncStreamFromSlice"} {
		function, _ := checked.Scope().Lookup(name).(*types.Func)
		if function == nil || function.Type().(*types.Signature).Results().Len() != 1 {
			return lacks("function " + name + " with one result")
		}
		stream = function.Type().(*types.Signature).Results().At(0).Type()
	}
	method, _, _ := types.LookupFieldOrMethod(stream, true, checked, "MakeStreamReader")
	function, _ := method.(*types.Func)
	if function == nil || function.Type().(*types.Signature).Results().Len() != 1 {
		return lacks("method MakeStreamReader with one result")
	}
	reader := function.Type().(*types.Signature).Results().At(0).Type()
	alreadyClosed := "nil"
	if checked.Scope().Lookup("ErrAlreadyClosed") != nil {
		alreadyClosed = "user.ErrAlreadyClosed"
	}
	return fmt.Sprintf(`package main

import (
	"os"

	"goref/play"
	user "goref/user"
)

func main() {
	streams := play.Adapt[%s, %s](
		user.AsyncStreamFromReader, user.AsyncStreamFromSlice, %s)
	os.Exit(play.Main(streams, os.Args[1:]))
}
`, types.TypeString(stream, inUser), types.TypeString(reader, inUser), alreadyClosed), nil
}
