// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

// rewriter turns one file into its traced copy. It works on the text: what is not replaced stays as
// it is.
type rewriter struct {
	*checkedPackage
	source  []byte
	offset  func(token.Pos) int
	made    map[ast.Expr]string // a channel's make → the variable or field it goes to
	commaOK map[ast.Expr]bool   // receives whose second result is used too
	names   int
}

// splice is a part of a file with the text that replaces it.
type splice struct {
	from, to token.Pos
	text     string
}

// rewritten returns the text of a file's copy.
func (checked *checkedPackage) rewritten(i int, file *ast.File) string {
	r := &rewriter{
		checkedPackage: checked,
		source:         checked.sources[i],
		offset:         checked.set.File(file.Pos()).Offset,
		made:           map[ast.Expr]string{},
		commaOK:        map[ast.Expr]bool{},
	}
	ast.Inspect(file, func(node ast.Node) bool {
		r.learn(node)
		return true
	})
	last := checked.set.File(file.Pos())
	end := last.Pos(last.Size())
	head := splice{file.Name.End(), file.Name.End(), `; import goref_trace "goref/trace"`}
	text := r.span(file.Pos(), end, file, head)
	if !strings.Contains(text, "goref_trace.") {
		return string(r.source)
	}
	return string(r.source[:r.offset(file.Pos())]) + text
}

// learn records what a node says about those below it.
func (r *rewriter) learn(node ast.Node) {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if len(node.Lhs) == 2 && len(node.Rhs) == 1 {
			r.commaOK[unparen(node.Rhs[0])] = true
			return
		}
		for i, value := range node.Rhs {
			if len(node.Rhs) == len(node.Lhs) {
				r.made[unparen(value)] = lastName(node.Lhs[i])
			}
		}
	case *ast.ValueSpec:
		if len(node.Names) == 2 && len(node.Values) == 1 {
			r.commaOK[unparen(node.Values[0])] = true
			return
		}
		for i, value := range node.Values {
			if len(node.Values) == len(node.Names) {
				r.made[unparen(value)] = node.Names[i].Name
			}
		}
	case *ast.CompositeLit:
		structure, _ := r.typeOf(node).(*types.Struct)
		for i, element := range node.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				r.made[unparen(pair.Value)] = lastName(pair.Key)
			} else if structure != nil {
				r.made[unparen(element)] = structure.Field(i).Name()
			}
		}
	}
}

// typeOf returns the underlying type of an expression, or of what it points to if it is a pointer,
// or nil.
func (r *rewriter) typeOf(expression ast.Expr) types.Type {
	kind := r.info.Types[expression].Type
	if kind == nil {
		return nil
	}
	if pointer, ok := kind.Underlying().(*types.Pointer); ok {
		kind = pointer.Elem()
	}
	return kind.Underlying()
}

func (r *rewriter) isChannel(expression ast.Expr) bool {
	_, ok := r.typeOf(expression).(*types.Chan)
	return ok
}

func (r *rewriter) isBuiltin(function ast.Expr, name string) bool {
	identifier, ok := unparen(function).(*ast.Ident)
	if !ok || identifier.Name != name {
		return false
	}
	_, ok = r.info.Uses[identifier].(*types.Builtin)
	return ok
}

// lastName is the short name of a channel or a function: the last name in the expression.
func lastName(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.Ident:
		return expression.Name
	case *ast.SelectorExpr:
		return expression.Sel.Name
	case *ast.ParenExpr:
		return lastName(expression.X)
	case *ast.StarExpr:
		return lastName(expression.X)
	case *ast.IndexExpr:
		return lastName(expression.X)
	case *ast.CallExpr:
		return lastName(expression.Fun)
	}
	return "unnamed"
}

// text returns the text of a node, which may be replaced itself.
func (r *rewriter) text(node ast.Node) string { return r.span(node.Pos(), node.End(), node) }

// span returns the text of a part of the file, with the given splices. Every node below root that
// has a replacement is replaced too, unless it is in one of the splices.
func (r *rewriter) span(from, to token.Pos, root ast.Node, splices ...splice) string {
	given := splices
	ast.Inspect(root, func(node ast.Node) bool {
		if node == nil || node.End() <= from || node.Pos() >= to {
			return false
		}
		for _, other := range given {
			if node.Pos() >= other.from && node.End() <= other.to {
				return false
			}
		}
		replacement, replaced := r.replacement(node)
		if replaced {
			splices = append(splices, splice{node.Pos(), node.End(), replacement})
		}
		return !replaced
	})
	sort.Slice(splices, func(i, j int) bool { return splices[i].from < splices[j].from })
	var text strings.Builder
	for _, next := range splices {
		text.Write(r.source[r.offset(from):r.offset(next.from)])
		text.WriteString(next.text)
		from = next.to
	}
	text.Write(r.source[r.offset(from):r.offset(to)])
	return text.String()
}

func unparen(expression ast.Expr) ast.Expr {
	for {
		inner, ok := expression.(*ast.ParenExpr)
		if !ok {
			return expression
		}
		expression = inner.X
	}
}
