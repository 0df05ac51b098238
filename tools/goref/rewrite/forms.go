// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"goref/trace"
)

// replacement returns the traced form of a node that has one.
func (r *rewriter) replacement(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.SendStmt:
		return fmt.Sprintf("goref_trace.To(%s)(%s)", r.named(node.Chan), r.text(node.Value)), true
	case *ast.UnaryExpr:
		if node.Op == token.ARROW {
			function := map[bool]string{false: "Recv", true: "Recv2"}[r.commaOK[node]]
			return fmt.Sprintf("goref_trace.%s(%s)", function, r.named(node.X)), true
		}
	case *ast.CallExpr:
		if r.isBuiltin(node.Fun, "close") {
			return fmt.Sprintf("goref_trace.Close(%s)", r.named(node.Args[0])), true
		}
		if name, ok := r.made[node]; ok && r.isBuiltin(node.Fun, "make") && r.isChannel(node) {
			return fmt.Sprintf("goref_trace.Make(%q, %s)", name, r.span(node.Pos(), node.End(), node.Args[0])), true
		}
	case *ast.RangeStmt:
		if r.isChannel(node.X) {
			return r.rangeLoop(node), true
		}
	case *ast.GoStmt:
		return r.goStatement(node), true
	case *ast.SelectStmt:
		return r.selection(node, ""), true
	case *ast.LabeledStmt:
		if selection, ok := node.Stmt.(*ast.SelectStmt); ok {
			return r.selection(selection, string(r.source[r.offset(node.Pos()):r.offset(selection.Pos())])), true
		}
	}
	return "", false
}

// named gives a channel as two arguments: its name, and itself.
func (r *rewriter) named(channel ast.Expr) string {
	return fmt.Sprintf("%q, %s", lastName(channel), r.text(channel))
}

// fresh returns a name that the package does not have.
func (r *rewriter) fresh() string {
	r.names++
	return fmt.Sprintf("goref_%d", r.names)
}

// rangeLoop gives the body its own block, where it may declare the loop's variables again.
func (r *rewriter) rangeLoop(loop *ast.RangeStmt) string {
	name := r.fresh()
	head := fmt.Sprintf("for %s := goref_trace.Range(%s); %s.Next(); { ", name, r.named(loop.X), name)
	if loop.Key != nil {
		head += fmt.Sprintf("%s %s %s.Value; ", r.text(loop.Key), loop.Tok, name)
	}
	body := loop.Body
	return r.span(loop.Pos(), loop.End(), body,
		splice{loop.Pos(), body.Lbrace, head}, splice{body.Rbrace, loop.End(), "}}"})
}

// goStatement evaluates the function and its arguments at the statement, as Go does.
func (r *rewriter) goStatement(statement *ast.GoStmt) string {
	call := statement.Call
	var before strings.Builder
	var splices []splice
	hoist := func(expression ast.Expr) {
		name := r.fresh()
		fmt.Fprintf(&before, "%s := %s; ", name, r.text(expression))
		splices = append(splices, splice{expression.Pos(), expression.End(), name})
	}
	_, literal := unparen(call.Fun).(*ast.FuncLit)
	if !literal && !r.isFunction(call.Fun) {
		hoist(call.Fun)
	}
	for _, argument := range call.Args {
		if r.hasToBeHoisted(argument) {
			hoist(argument)
		}
	}
	body := r.span(call.Pos(), call.End(), call, splices...)
	return fmt.Sprintf("{ %sgoref_trace.Go(%q, func() { %s }) }", before.String(), processName(call), body)
}

// isFunction reports whether the expression names a function or a builtin, which needs no
// evaluation.
func (r *rewriter) isFunction(expression ast.Expr) bool {
	var identifier *ast.Ident
	switch expression := unparen(expression).(type) {
	case *ast.Ident:
		identifier = expression
	case *ast.SelectorExpr:
		identifier = expression.Sel
	default:
		return false
	}
	switch object := r.info.Uses[identifier].(type) {
	case *types.Builtin:
		return true
	case *types.Func:
		return object.Type().(*types.Signature).Recv() == nil
	}
	return false
}

// hasToBeHoisted reports whether an argument must be evaluated first: all but those that have the
// same value whenever they are evaluated, or no type of their own yet.
func (r *rewriter) hasToBeHoisted(argument ast.Expr) bool {
	value := r.info.Types[argument]
	_, literal := unparen(argument).(*ast.FuncLit)
	_, several := value.Type.(*types.Tuple)
	return !literal && !several && value.Value == nil && !value.IsNil() && !value.IsType()
}

// processName is the name of the started function; for a literal, the process of the design that it
// calls.
func processName(call *ast.CallExpr) string {
	literal, ok := unparen(call.Fun).(*ast.FuncLit)
	if !ok {
		return lastName(call.Fun)
	}
	name := "func"
	ast.Inspect(literal.Body, func(node ast.Node) bool {
		if inner, ok := node.(*ast.CallExpr); ok {
			if design, known := trace.ProcessName(lastName(inner.Fun)); known {
				name = design
			}
		}
		return true
	})
	return name
}

// selection turns a select into a switch: it evaluates the channels and the values to be sent, asks
// which case may proceed, and performs that one operation as a plain one. If there is no default,
// the last case is written as the default, so that a terminating statement stays one.
func (r *rewriter) selection(statement *ast.SelectStmt, label string) string {
	if len(statement.Body.List) == 0 {
		return "{ goref_trace.Choose(); select {} }"
	}
	var before strings.Builder
	var offers []string
	var heads []splice
	function := "Choose"
	for i, clause := range statement.Body.List {
		clause := clause.(*ast.CommClause)
		number := fmt.Sprintf("case %d:", len(offers))
		switch {
		case clause.Comm == nil:
			function = "TryChoose"
			heads = append(heads, splice{clause.Case, clause.Colon + 1, "default:"})
			continue
		case i == len(statement.Body.List)-1 && function == "Choose":
			number = "default:"
		}
		channel := r.fresh()
		var operation string
		if send, ok := clause.Comm.(*ast.SendStmt); ok {
			value := r.fresh()
			fmt.Fprintf(&before, "%s := %s; %s := goref_trace.Value(%s)(%s); ", channel, r.text(send.Chan), value, channel, r.text(send.Value))
			offers = append(offers, fmt.Sprintf("goref_trace.OnSend(%q, %s, %s)", lastName(send.Chan), channel, value))
			operation = channel + " <- " + value
		} else {
			from := received(clause.Comm).X
			fmt.Fprintf(&before, "%s := %s; ", channel, r.text(from))
			offers = append(offers, fmt.Sprintf("goref_trace.OnReceive(%q, %s)", lastName(from), channel))
			operation = r.receiveCase(clause.Comm, channel)
		}
		heads = append(heads, splice{clause.Case, clause.Colon + 1, number + " " + operation + ";"})
	}
	open := fmt.Sprintf("{ %s%sswitch goref_trace.%s(%s) {", before.String(), label, function, strings.Join(offers, ", "))
	body := statement.Body
	heads = append(heads, splice{statement.Pos(), body.Lbrace + 1, open}, splice{body.Rbrace, statement.End(), "}}"})
	return r.span(statement.Pos(), statement.End(), body, heads...)
}

// received returns the receive in a case's statement.
func received(statement ast.Stmt) *ast.UnaryExpr {
	var expression ast.Expr
	switch statement := statement.(type) {
	case *ast.ExprStmt:
		expression = statement.X
	case *ast.AssignStmt:
		expression = statement.Rhs[0]
	}
	return unparen(expression).(*ast.UnaryExpr)
}

// receiveCase returns the statement of a case with the channel in a variable.
func (r *rewriter) receiveCase(statement ast.Stmt, channel string) string {
	assignment, ok := statement.(*ast.AssignStmt)
	if !ok {
		return "<-" + channel
	}
	var to []string
	for _, left := range assignment.Lhs {
		to = append(to, r.text(left))
	}
	return fmt.Sprintf("%s %s <-%s", strings.Join(to, ", "), assignment.Tok, channel)
}
