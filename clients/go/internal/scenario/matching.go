package main

import (
	"encoding/json"
	"fmt"
	"regexp"
)

type variables map[string]any

var reference = regexp.MustCompile(`\$\{(\w+)\}`)

// Fill puts variables in: a text that is one variable becomes its value, of whatever type.
func (v variables) fill(said any) (any, error) {
	switch said := said.(type) {
	case string:
		return v.fillText(said)
	case []any:
		filled := make([]any, len(said))
		for i, one := range said {
			var err error
			if filled[i], err = v.fill(one); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case map[string]any:
		filled := make(map[string]any, len(said))
		for name, one := range said {
			var err error
			if filled[name], err = v.fill(one); err != nil {
				return nil, err
			}
		}
		return filled, nil
	default:
		return said, nil
	}
}

func (v variables) fillText(said string) (any, error) {
	if found := reference.FindStringSubmatch(said); found != nil && found[0] == said {
		value, ok := v[found[1]]
		if !ok {
			return nil, fmt.Errorf("the variable %s is not set", found[1])
		}
		return value, nil
	}
	var err error
	filled := reference.ReplaceAllStringFunc(said, func(one string) string {
		name := reference.FindStringSubmatch(one)[1]
		value, ok := v[name].(string)
		if !ok {
			err = fmt.Errorf("the variable %s is not a text", name)
		}
		return value
	})
	return filled, err
}

func (v variables) matches(expected, said any) error {
	filled, err := v.fill(expected)
	if err != nil {
		return err
	}
	return matches(filled, said, "")
}

// Whether what was said is what was expected; the error names the first place where it is not.
func matches(expected, said any, at string) error {
	switch wanted := expected.(type) {
	case nil:
		if said == nil {
			return nil
		}
	case map[string]any:
		fields, ok := said.(map[string]any)
		if !ok {
			break
		}
		for name, one := range wanted {
			if err := matches(one, fields[name], at+"."+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		elements, ok := said.([]any)
		if !ok && said != nil || len(elements) != len(wanted) {
			break
		}
		for i, one := range wanted {
			if err := matches(one, elements[i], fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	default: // Texts, truths, and numbers, which JSON reads as one type.
		if expected == said {
			return nil
		}
	}
	return fmt.Errorf("at %q: expected %s, not %s", at, shown(expected), shown(said))
}

func shown(value any) string {
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(content)
}
