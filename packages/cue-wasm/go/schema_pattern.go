package main

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// ecmaPattern writes a regular expression of Go as one of ECMAScript that matches the same texts.
// It reports false for one that has no equal there.
func ecmaPattern(pattern string) (string, bool) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	var out strings.Builder
	if !writePattern(&out, parsed) {
		return "", false
	}
	return out.String(), true
}

func writePattern(out *strings.Builder, re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeLetter(out, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		writeClass(out, re.Rune)
	case syntax.OpAnyCharNotNL:
		out.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		out.WriteString(`[\s\S]`)
	case syntax.OpBeginText:
		out.WriteString("^")
	case syntax.OpEndText:
		out.WriteString("$")
	case syntax.OpWordBoundary:
		out.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		out.WriteString(`\B`)
	case syntax.OpEmptyMatch:
		out.WriteString("(?:)")
	case syntax.OpCapture:
		return writeGroup(out, re.Sub[0])
	case syntax.OpConcat:
		return writeSequence(out, re.Sub)
	case syntax.OpAlternate:
		return writeAlternatives(out, re.Sub)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return writeRepeat(out, re)
	default:
		return false
	}
	return true
}

func writeGroup(out *strings.Builder, re *syntax.Regexp) bool {
	out.WriteString("(")
	ok := writePattern(out, re)
	out.WriteString(")")
	return ok
}

func writeSequence(out *strings.Builder, parts []*syntax.Regexp) bool {
	for _, part := range parts {
		write := writePattern
		if part.Op == syntax.OpAlternate {
			write = writeGroup
		}
		if !write(out, part) {
			return false
		}
	}
	return true
}

func writeAlternatives(out *strings.Builder, parts []*syntax.Regexp) bool {
	for i, part := range parts {
		if i > 0 {
			out.WriteString("|")
		}
		if !writePattern(out, part) {
			return false
		}
	}
	return true
}

func writeRepeat(out *strings.Builder, re *syntax.Regexp) bool {
	inner := re.Sub[0]
	single := inner.Op == syntax.OpCharClass || inner.Op == syntax.OpCapture ||
		inner.Op == syntax.OpAnyChar || inner.Op == syntax.OpAnyCharNotNL ||
		inner.Op == syntax.OpLiteral && len(inner.Rune) == 1
	write := writeGroup
	if single {
		write = writePattern
	}
	if !write(out, inner) {
		return false
	}
	out.WriteString(quantifier(re))
	return true
}

func quantifier(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpStar:
		return "*"
	case syntax.OpPlus:
		return "+"
	case syntax.OpQuest:
		return "?"
	}
	switch {
	case re.Max < 0:
		return fmt.Sprintf("{%d,}", re.Min)
	case re.Max == re.Min:
		return fmt.Sprintf("{%d}", re.Min)
	}
	return fmt.Sprintf("{%d,%d}", re.Min, re.Max)
}

// writeLetter writes a character, in all its cases when they do not count.
func writeLetter(out *strings.Builder, r rune, folded bool) {
	if !folded || unicode.SimpleFold(r) == r {
		out.WriteString(escapeRune(r, `^$\.*+?()[]{}|/`))
		return
	}
	out.WriteString("[")
	for next := r; ; {
		out.WriteString(escapeRune(next, `^\]-[`))
		if next = unicode.SimpleFold(next); next == r {
			break
		}
	}
	out.WriteString("]")
}

// writeClass writes pairs of first and last characters.
func writeClass(out *strings.Builder, pairs []rune) {
	out.WriteString("[")
	if len(pairs) > 0 && pairs[len(pairs)-1] == unicode.MaxRune {
		out.WriteString("^")
		pairs = complement(pairs)
	}
	for i := 0; i < len(pairs); i += 2 {
		first, last := pairs[i], pairs[i+1]
		out.WriteString(escapeRune(first, `^\]-[`))
		if last > first+1 {
			out.WriteString("-")
		}
		if last > first {
			out.WriteString(escapeRune(last, `^\]-[`))
		}
	}
	out.WriteString("]")
}

func complement(pairs []rune) []rune {
	rest := []rune{}
	next := rune(0)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] > next {
			rest = append(rest, next, pairs[i]-1)
		}
		next = pairs[i+1] + 1
	}
	return rest
}

func escapeRune(r rune, special string) string {
	switch {
	case slices.Contains([]rune(special), r):
		return `\` + string(r)
	case r > 0xffff:
		return fmt.Sprintf(`\u{%x}`, r)
	case r < ' ' || r > '~':
		return fmt.Sprintf(`\u%04x`, r)
	}
	return string(r)
}
