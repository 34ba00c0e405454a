// Command cty-codec is an outside judge of our value codecs: it makes random typed values with
// Terraform's own type library and compares encoded values by what they mean.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// sample is one line that generate prints.
type sample struct {
	Type    json.RawMessage `json:"type"`
	Msgpack string          `json:"msgpack"`
	JSON    json.RawMessage `json:"json"`
}

// pair is one line that compare reads.
type pair struct {
	Type json.RawMessage `json:"type"`
	A    string          `json:"a"`
	B    string          `json:"b"`
}

// longestLine bounds one line of input.
const longestLine = 64 << 20

func generate(count int, seed uint64) error {
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	maker := newMaker(seed)
	for range count {
		line, err := maker.sample()
		if err != nil {
			return err
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a value of a known type from hexadecimal msgpack; the library panics on some of
// what is no value, which is an error here.
func decode(encoded string, wanted cty.Type) (value cty.Value, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()
	bytes, err := hex.DecodeString(encoded)
	if err != nil {
		return cty.NilVal, err
	}
	return msgpack.Unmarshal(bytes, wanted)
}

// withoutRefinements leaves every unknown part of a value with nothing but its type.
func withoutRefinements(value cty.Value) (cty.Value, error) {
	return cty.Transform(value, func(_ cty.Path, part cty.Value) (cty.Value, error) {
		if !part.IsKnown() {
			return cty.UnknownVal(part.Type()), nil
		}
		return part, nil
	})
}

// same says whether b means what a means, where b may know less about an unknown part, never more.
func same(a, b cty.Value) (bool, error) {
	if a.RawEquals(b) {
		return true, nil
	}
	plainA, err := withoutRefinements(a)
	if err != nil {
		return false, err
	}
	plainB, err := withoutRefinements(b)
	if err != nil || !plainA.RawEquals(plainB) {
		return false, err
	}
	honest := true
	err = cty.Walk(b, func(path cty.Path, part cty.Value) (bool, error) {
		if part.IsKnown() || part.RawEquals(cty.UnknownVal(part.Type())) {
			return true, nil
		}
		original, err := path.Apply(a)
		if err != nil || !original.RawEquals(part) {
			honest = false
		}
		return false, nil
	})
	return honest, err
}

// judge returns why a pair is no match, or an empty string.
func judge(line []byte) (string, error) {
	var given pair
	if err := json.Unmarshal(line, &given); err != nil {
		return "", err
	}
	wanted, err := ctyjson.UnmarshalType(given.Type)
	if err != nil {
		return "", err
	}
	a, err := decode(given.A, wanted)
	if err != nil {
		return "", fmt.Errorf("a: %w", err)
	}
	b, err := decode(given.B, wanted)
	if err != nil {
		return "b does not decode: " + err.Error(), nil
	}
	equal, err := same(a, b)
	if err != nil || equal {
		return "", err
	}
	return fmt.Sprintf("type %s\n  a %s\n  b %s", given.Type, a.GoString(), b.GoString()), nil
}

func compare() error {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, longestLine)
	lines, mismatches := 0, 0
	for scanner.Scan() {
		if len(scanner.Bytes()) == 0 {
			continue
		}
		lines++
		reason, err := judge(scanner.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", lines, err)
		}
		if reason != "" {
			mismatches++
			fmt.Printf("line %d: %s\n", lines, reason)
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	if mismatches > 0 {
		return fmt.Errorf("%d of %d pairs differ", mismatches, lines)
	}
	fmt.Printf("%d pairs are equal\n", lines)
	return nil
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "generate":
		count, err := strconv.Atoi(arguments[1])
		if err != nil {
			return err
		}
		seed, err := strconv.ParseUint(arguments[2], 10, 64)
		if err != nil {
			return err
		}
		return generate(count, seed)
	case len(arguments) == 1 && arguments[0] == "compare":
		return compare()
	}
	return errors.New("usage: cty-codec generate COUNT SEED | cty-codec compare < PAIRS")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
