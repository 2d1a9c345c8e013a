package main

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
)

const (
	maxDisjunctionDepth = 8
	maxChoiceTexts      = 8
)

// What keeps a value from an alternative, from what may be a slip to what makes it another one.
const (
	conflictCost = 1
	unknownCost  = 2
	markerCost   = 3
)

// choice is an alternative of a disjunction, with what keeps the value from it.
type choice struct {
	value    cue.Value
	mistakes []mistake
}

// closestIn compares the value at a path with the alternatives that it fits none of. It returns nothing
// where they do not tell why.
func closestIn(in placedValue, path []string, group []errors.Error) []mistake {
	value := in.lookUp(path)
	if !value.Exists() || in.depth > maxDisjunctionDepth {
		return nil
	}
	given, disjunctions := takeApart(value, 0)
	if len(given) == 0 {
		return nil
	}
	own := given[0]
	for _, part := range given[1:] {
		own = own.Unify(part)
	}
	if own.Err() != nil {
		return nil
	}
	at := placedValue{value: own, path: path, depth: in.depth + 1}
	told := mistakesOf(group)
	for _, values := range disjunctions {
		if choices := compareAll(at, values, told); choices != nil {
			return tell(at, choices)
		}
	}
	return nil
}

// takeApart divides the conjuncts of a value into disjunctions and the rest.
func takeApart(value cue.Value, depth int) (rest []cue.Value, disjunctions [][]cue.Value) {
	op, parts := value.Expr()
	target := cue.Dereference(value)
	switch {
	case depth > recursionDepth:
	case op == cue.AndOp:
		for _, part := range parts {
			plain, alternatives := takeApart(part, depth+1)
			rest, disjunctions = append(rest, plain...), append(disjunctions, alternatives...)
		}
		return rest, disjunctions
	case op == cue.OrOp:
		return nil, [][]cue.Value{alternativesOf(parts)}
	case op == cue.NoOp && len(parts) == 1 && parts[0] != value:
		// An alternative whose default is part of it.
		return nil, [][]cue.Value{parts}
	case op == cue.SelectorOp && target != value:
		return takeApart(target, depth+1)
	}
	return []cue.Value{value}, nil
}

func alternativesOf(parts []cue.Value) []cue.Value {
	var all []cue.Value
	for _, part := range parts {
		if op, inner := part.Expr(); op == cue.OrOp {
			all = append(all, alternativesOf(inner)...)
			continue
		}
		all = append(all, part)
	}
	return all
}

// compareAll returns nothing where the value fits one of the alternatives.
func compareAll(own placedValue, values []cue.Value, told []mistake) []choice {
	var all []choice
	for _, value := range values {
		unified := own.value.Unify(value)
		at := placedValue{value: unified, path: labelsOf(unified.Path()), depth: own.depth}
		found := mistakesIn(at, unified.Validate())
		for i, one := range found {
			// The conjuncts may stand elsewhere.
			if hasPrefix(one.path, at.path) {
				found[i].path = slices.Concat(own.path, one.path[len(at.path):])
			}
		}
		found = addUnknown(found, value, own.path, told)
		if len(found) == 0 {
			return nil
		}
		all = append(all, choice{value, found})
	}
	return all
}

func labelsOf(path cue.Path) []string {
	var labels []string
	for _, selector := range path.Selectors() {
		labels = append(labels, selector.String())
	}
	return labels
}

// addUnknown adds what was told of fields that an alternative has not: by itself it does not always know
// that it is closed.
func addUnknown(found []mistake, value cue.Value, path []string, told []mistake) []mistake {
	for i, one := range found {
		if one.text == notAllowed && one.names == nil {
			found[i].names, _ = fieldsBeside(value, path, one.path)
		}
	}
	for _, one := range told {
		names, closed := fieldsBeside(value, path, one.path)
		known := slices.ContainsFunc(found, func(other mistake) bool { return slices.Equal(other.path, one.path) })
		if one.text == notAllowed && closed && !known && !slices.Contains(names, one.path[len(one.path)-1]) {
			one.names = names
			found = append(found, one)
		}
	}
	return found
}

// fieldsBeside lists the fields of the struct around a path, and tells whether there can be no others.
// The value stands at the first path.
func fieldsBeside(value cue.Value, at, path []string) (names []string, closed bool) {
	if len(path) <= len(at) || !hasPrefix(path, at) {
		return nil, false
	}
	around := lookUp(value, path[len(at):len(path)-1])
	isStruct := around.IncompleteKind() == cue.StructKind
	return fieldNames(around), isStruct && !around.LookupPath(cue.MakePath(cue.AnyString)).Exists()
}

// tell says what keeps a value from the closest of alternatives.
func tell(own placedValue, all []choice) []mistake {
	distinct := distinctChoices(all)
	same := slices.DeleteFunc(slices.Clone(distinct), func(c choice) bool {
		return c.value.IncompleteKind()&own.value.IncompleteKind() == 0
	})
	switch {
	case len(same) == 0:
		return noneOf(own, distinct, kindName)
	case len(same) == 1:
		return same[0].mistakes
	case isConcrete(own.value):
		return noneOf(own, same, valueText)
	}
	closest := slices.MinFunc(same, func(a, b choice) int { return costOf(own, a) - costOf(own, b) })
	for i, found := range closest.mistakes {
		if isMarker(own, closest.value, found) {
			closest.mistakes[i] = noneOfMarkers(own, same, found)
		}
	}
	return closest.mistakes
}

// distinctChoices leaves out the alternatives that are part of others, as a default is.
func distinctChoices(all []choice) []choice {
	var rest []choice
	for i, one := range all {
		covered := slices.ContainsFunc(all[:i], func(other choice) bool { return covers(other.value, one.value) }) ||
			slices.ContainsFunc(all[i+1:], func(other choice) bool {
				return covers(other.value, one.value) && !covers(one.value, other.value)
			})
		if !covered {
			rest = append(rest, one)
		}
	}
	return rest
}

func covers(wide, narrow cue.Value) bool {
	if isConcrete(narrow) {
		return wide.Unify(narrow).Err() == nil
	}
	return wide.Subsume(narrow, cue.Raw()) == nil
}

func costOf(own placedValue, one choice) int {
	cost := 0
	for _, found := range one.mistakes {
		switch {
		case isMarker(own, one.value, found):
			cost += markerCost
		case found.text == notAllowed:
			cost += unknownCost
		default:
			cost += conflictCost
		}
	}
	return cost
}

// isMarker tells that an alternative demands another constant, which may be what tells it from others.
func isMarker(own placedValue, value cue.Value, found mistake) bool {
	if found.names != nil || len(found.path) <= len(own.path) || !hasPrefix(found.path, own.path) {
		return false
	}
	return isConcrete(lookUp(value, found.path[len(own.path):])) && isConcrete(own.lookUp(found.path))
}

// noneOfMarkers names the constants of all alternatives.
func noneOfMarkers(own placedValue, all []choice, found mistake) mistake {
	var markers []choice
	for _, one := range all {
		if value := lookUp(one.value, found.path[len(own.path):]); isConcrete(value) {
			markers = append(markers, choice{value, []mistake{found}})
		}
	}
	at := placedValue{value: own.lookUp(found.path), path: found.path}
	return noneOf(at, distinctChoices(markers), valueText)[0]
}

// noneOf names alternatives that are equally far.
func noneOf(own placedValue, all []choice, text func(cue.Value) string) []mistake {
	var texts, names []string
	for _, one := range all {
		if shown := text(one.value); !slices.Contains(texts, shown) {
			texts = append(texts, shown)
		}
		if name, err := one.value.String(); err == nil {
			names = append(names, name)
		}
	}
	if more := len(texts) - maxChoiceTexts; more > 0 {
		texts = append(texts[:maxChoiceTexts], fmt.Sprintf("… (%d more)", more))
	}
	given, _ := own.value.String()
	return []mistake{{
		text:      refusal(own.value, all[0].value, texts),
		path:      own.path,
		positions: []token.Pos{own.value.Pos(), all[0].value.Pos()},
		given:     given,
		names:     names,
	}}
}

// refusal is what CUE says where there is a single alternative.
func refusal(own, other cue.Value, texts []string) string {
	given := "a " + kindName(own)
	if isConcrete(own) {
		given = valueText(own)
	}
	if len(texts) > 1 {
		return fmt.Sprintf("%s is none of %s", given, strings.Join(texts, ", "))
	}
	conflict := fmt.Sprintf("conflicting values %s and %s", given, texts[0])
	if own.IncompleteKind()&other.IncompleteKind() != 0 {
		return conflict
	}
	return fmt.Sprintf("%s (mismatched types %v and %v)", conflict, own.IncompleteKind(), other.IncompleteKind())
}

func kindName(value cue.Value) string {
	if isConcrete(value) {
		return valueText(value)
	}
	return strings.Trim(value.IncompleteKind().String(), "()")
}

func valueText(value cue.Value) string {
	return fmt.Sprint(value)
}
