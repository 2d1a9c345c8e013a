package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
)

const notAllowed = "field not allowed"

// mistake is what is wrong at one path.
type mistake struct {
	text      string
	path      []string
	positions []token.Pos
	// given is the text that stands there, and names are what may stand there instead.
	given string
	names []string
}

// placedValue is a value in which errors are looked up.
type placedValue struct {
	value cue.Value
	// path is where the value stands.
	path  []string
	depth int
}

func (s placedValue) lookUp(path []string) cue.Value {
	if !hasPrefix(path, s.path) {
		return cue.Value{}
	}
	return lookUp(s.value, path[len(s.path):])
}

// mistakesIn lists what is wrong. CUE tells of a disjunction what keeps the value from each of its
// alternatives; here it is what keeps it from the closest one.
func mistakesIn(in placedValue, err error) []mistake {
	if err == nil {
		return nil
	}
	var found []mistake
	var rest []errors.Error
	var resolved, unresolved [][]errors.Error
	told := map[string]bool{}
	all := errors.Errors(errors.Promote(err, ""))
	for len(all) > 0 {
		first, group := all[0], groupOf(all)
		all = all[1+len(group):]
		if len(group) == 0 {
			rest = append(rest, first)
			continue
		}
		path := strings.Join(first.Path(), ".")
		if told[path] {
			continue
		}
		if closest := closestIn(in, first.Path(), group); closest != nil {
			told[path] = true
			resolved = append(resolved, group)
			found = append(found, closest...)
			continue
		}
		unresolved = append(unresolved, group)
	}
	for _, group := range unresolved {
		known := func(other []errors.Error) bool { return isSame(group, other) }
		if !slices.ContainsFunc(resolved, known) {
			rest = append(rest, group...)
		}
	}
	plain := slices.DeleteFunc(slices.Clone(rest), func(e errors.Error) bool { return heading.MatchString(messageOf(e)) })
	if len(found)+len(plain) > 0 {
		rest = plain
	}
	return append(found, mistakesOf(rest)...)
}

func mistakesOf(list []errors.Error) []mistake {
	var joined errors.Error
	for _, e := range list {
		joined = errors.Append(joined, e)
	}
	if joined == nil {
		return nil
	}
	var found []mistake
	for _, e := range errors.Errors(errors.Sanitize(joined)) {
		found = append(found, mistake{text: messageOf(e), path: e.Path(), positions: errors.Positions(e)})
	}
	return found
}

var heading = regexp.MustCompile(`(?:^|: )(\d+) errors in empty disjunction`)

// groupOf returns the errors of the disjunction that the first one is the heading of.
func groupOf(all []errors.Error) []errors.Error {
	match := heading.FindStringSubmatch(messageOf(all[0]))
	if match == nil {
		return nil
	}
	size, err := strconv.Atoi(match[1])
	if err != nil || size >= len(all) {
		return nil
	}
	group := all[1 : 1+size]
	outside := func(e errors.Error) bool { return !hasPrefix(e.Path(), all[0].Path()) }
	if slices.ContainsFunc(group, outside) {
		return nil
	}
	return group
}

// isSame tells whether a group says what another one does of the same value, which ends up at several
// paths: it names every place that the other one names.
func isSame(group, other []errors.Error) bool {
	places := placesIn(group)
	missing := func(pos token.Pos) bool { return !slices.Contains(places, pos) }
	return slices.Equal(textsOf(group), textsOf(other)) && !slices.ContainsFunc(placesIn(other), missing)
}

func textsOf(group []errors.Error) []string {
	var texts []string
	for _, e := range group {
		texts = append(texts, messageOf(e))
	}
	slices.Sort(texts)
	return texts
}

func placesIn(group []errors.Error) []token.Pos {
	var all []token.Pos
	for _, e := range group {
		all = append(all, errors.Positions(e)...)
	}
	return all
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

func lookUp(value cue.Value, path []string) cue.Value {
	for _, label := range path {
		selector := cue.ParsePath(label)
		if index, err := strconv.Atoi(label); err == nil && value.IncompleteKind() != cue.StructKind {
			selector = cue.MakePath(cue.Index(index))
		}
		if selector.Err() != nil {
			return cue.Value{}
		}
		value = value.LookupPath(selector)
	}
	return value
}
