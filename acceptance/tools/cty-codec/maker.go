// Types and values at random, the same ones for the same seed, with the edges that codecs miss.

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

const (
	deepestType     = 6
	mostMembers     = 4
	chanceOfNull    = 0.06
	chanceOfUnknown = 0.08
	// streamConstant is the fixed second half of the generator's seed.
	streamConstant = 0x9e3779b97f4a7c15
)

// decomposed maps a private stand-in to a decomposed text of as many bytes; the stand-ins are
// exchanged after encoding, because the library composes all strings that it is given.
var decomposed = map[string]string{
	"\uE000": "e\u0301",
	"\uE001": "A\u030A",
	"\uE002": "o\u0308",
}

var texts = []string{
	"", "a", "nvidia.com/gpu", "NO_SCHEDULE", "true", "10", "null",
	"line\nbreak\ttab \"quoted\" \\ slash", "\x01\x1f\x7f", "<&>", "caf\uE000", "\uE001ngstr\uE002m", "e\u0301\u0327",
	"\u1112\u1161\u11ab", "\u212b", "\ufb01", "日本語", "👩‍🚀", "\u2028\u2029", "\U0010ffff", "\ufeffmark", " ",
	strings.Repeat("x", 31), strings.Repeat("y", 32), strings.Repeat("é", 128), strings.Repeat("z", 255),
	strings.Repeat("w", 256), strings.Repeat("v", 65536),
}

var numbers = []string{
	"0", "1", "-1", "10", "127", "128", "-32", "-33", "-128", "-129", "255", "256", "32767", "32768", "-32769", "65535", "65536",
	"2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
	"9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
	"-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
	"340282366920938463463374607431768211456", "123456789012345678901234567890123456789012345678901234567890",
	"0.1", "-0.1", "0.5", "1.5", "-2.25", "3.141592653589793", "3.14159265358979323846264338327950288", "1e-30", "1e30", "1e100", "2.5e-10",
	"5e-324", "1.7976931348623157e308", "0.30000000000000004",
}

var names = []string{
	"a", "b", "name", "replicas", "mig_devices", "größe", "名", "x1", "a-b", "taint", "nvidia.com/gpu", "",
}

// maker makes random types and values, the same ones for the same seed.
type maker struct {
	random *rand.Rand
}

func newMaker(seed uint64) *maker {
	return &maker{random: rand.New(rand.NewPCG(seed, streamConstant))}
}

func pick[T any](m *maker, from []T) T {
	return from[m.random.IntN(len(from))]
}

func (m *maker) chance(probability float64) bool {
	return m.random.Float64() < probability
}

// names returns up to mostMembers different names.
func (m *maker) names(atLeastOneLetter bool) []string {
	var chosen []string
	for _, at := range m.random.Perm(len(names))[:m.random.IntN(mostMembers+1)] {
		if names[at] != "" || !atLeastOneLetter {
			chosen = append(chosen, names[at])
		}
	}
	return chosen
}

// makeType makes a type at most depth levels deep; concrete leaves out the dynamic type, which
// Terraform does not allow inside collections.
func (m *maker) makeType(depth int, concrete bool) cty.Type {
	kinds := 10
	if depth <= 1 {
		kinds = 4
	}
	switch m.random.IntN(kinds) {
	case 0:
		return cty.Number
	case 1:
		return cty.Bool
	case 2:
		if !concrete {
			return cty.DynamicPseudoType
		}
		return cty.String
	case 3:
		return cty.String
	case 4:
		return cty.List(m.makeType(depth-1, true))
	case 5:
		return cty.Set(m.makeType(depth-1, true))
	case 6:
		return cty.Map(m.makeType(depth-1, true))
	case 7:
		members := make([]cty.Type, m.random.IntN(mostMembers+1))
		for i := range members {
			members[i] = m.makeType(depth-1, concrete)
		}
		return cty.Tuple(members)
	default:
		attributes := map[string]cty.Type{}
		for _, name := range m.names(true) {
			attributes[name] = m.makeType(depth-1, concrete)
		}
		return cty.Object(attributes)
	}
}

// unknown makes an unknown value, half of the time with something known about it.
func (m *maker) unknown(given cty.Type) cty.Value {
	value := cty.UnknownVal(given)
	if given == cty.DynamicPseudoType || m.chance(0.5) {
		return value
	}
	refinement := value.Refine()
	if m.chance(0.7) {
		refinement = refinement.NotNull()
	}
	switch {
	case given == cty.String && m.chance(0.7):
		refinement = refinement.StringPrefixFull(pick(m, []string{"arn:aws:eks:", "i-", "größe"}))
	case given == cty.Number && m.chance(0.7):
		low := int64(m.random.IntN(10))
		refinement = refinement.NumberRangeLowerBound(cty.NumberIntVal(low), m.chance(0.5)).
			NumberRangeUpperBound(cty.NumberIntVal(low+2+int64(m.random.IntN(90))), m.chance(0.5))
	case given.IsCollectionType() && m.chance(0.7):
		low := m.random.IntN(5)
		refinement = refinement.CollectionLengthLowerBound(low).CollectionLengthUpperBound(low + 1 + m.random.IntN(5))
	}
	return refinement.NewValue()
}

// makeValue makes a value of a type.
func (m *maker) makeValue(given cty.Type, depth int, allowUnknown bool) cty.Value {
	if m.chance(chanceOfNull) {
		return cty.NullVal(given)
	}
	if allowUnknown && m.chance(chanceOfUnknown) {
		return m.unknown(given)
	}
	switch {
	case given == cty.DynamicPseudoType:
		return m.makeValue(m.makeType(max(depth-1, 1), true), depth-1, allowUnknown)
	case given == cty.String:
		text := pick(m, texts)
		if m.chance(0.2) {
			text += pick(m, texts)
		}
		return cty.StringVal(text)
	case given == cty.Number:
		return m.number()
	case given == cty.Bool:
		return cty.BoolVal(m.chance(0.5))
	case given.IsTupleType():
		members := make([]cty.Value, given.Length())
		for i, member := range given.TupleElementTypes() {
			members[i] = m.makeValue(member, depth-1, allowUnknown)
		}
		return cty.TupleVal(members)
	case given.IsObjectType():
		attributes := map[string]cty.Value{}
		for _, name := range sortedNames(given.AttributeTypes()) {
			attributes[name] = m.makeValue(given.AttributeType(name), depth-1, allowUnknown)
		}
		return cty.ObjectVal(attributes)
	}
	return m.collection(given, depth, allowUnknown)
}

func (m *maker) number() cty.Value {
	if m.chance(0.3) {
		return cty.NumberIntVal(m.random.Int64N(1<<40) - 1<<39)
	}
	if m.chance(0.2) {
		return cty.NumberFloatVal(m.random.NormFloat64())
	}
	return cty.MustParseNumberVal(pick(m, numbers))
}

func (m *maker) collection(given cty.Type, depth int, allowUnknown bool) cty.Value {
	element := given.ElementType()
	count := m.random.IntN(mostMembers + 1)
	if m.chance(0.05) && element.IsPrimitiveType() {
		count = 20
	}
	if given.IsMapType() {
		members := map[string]cty.Value{}
		for _, name := range m.names(false) {
			members[name] = m.makeValue(element, depth-1, allowUnknown)
		}
		if len(members) == 0 {
			return cty.MapValEmpty(element)
		}
		return cty.MapVal(members)
	}
	members := make([]cty.Value, count)
	for i := range members {
		members[i] = m.makeValue(element, depth-1, allowUnknown)
	}
	switch {
	case given.IsSetType() && count == 0:
		return cty.SetValEmpty(element)
	case given.IsSetType():
		return cty.SetVal(members)
	case count == 0:
		return cty.ListValEmpty(element)
	}
	return cty.ListVal(members)
}

// decompose exchanges the stand-ins of encoded text for the decomposed text that they stand for.
func decompose(encoded []byte) []byte {
	for standIn, text := range decomposed {
		encoded = bytes.ReplaceAll(encoded, []byte(standIn), []byte(text))
	}
	return encoded
}

func (m *maker) sample() (sample, error) {
	kind := m.makeType(1+m.random.IntN(deepestType), false)
	value := m.makeValue(kind, deepestType, m.chance(0.6))
	typeJSON, err := ctyjson.MarshalType(kind)
	if err != nil {
		return sample{}, err
	}
	packed, err := msgpack.Marshal(value, kind)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", value.GoString(), err)
	}
	line := sample{Type: typeJSON, Msgpack: hex.EncodeToString(decompose(packed)), JSON: json.RawMessage("null")}
	if value.IsWhollyKnown() {
		encoded, err := ctyjson.Marshal(value, kind)
		if err != nil {
			return sample{}, fmt.Errorf("%s: %w", value.GoString(), err)
		}
		line.JSON = decompose(encoded)
	}
	return line, nil
}

// sortedNames gives an object's attribute names an order, so that one seed gives one outcome.
func sortedNames(attributes map[string]cty.Type) []string {
	return slices.Sorted(maps.Keys(attributes))
}
