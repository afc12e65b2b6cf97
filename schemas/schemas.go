// Package schemas embeds the JSON Schemas of mokasync's manifests (draft 2020-12): one a kind, and one that holds them all; and the one of mokasync.yaml.
//
// The schemas of the kinds are written by hand. mokasync.schema.json is put together from them by a test of this package with -update.
package schemas

import (
	"embed"
	"strings"
)

//go:embed *.schema.json
var files embed.FS

// base is where the schemas' $id lie. It names them; nothing is ever fetched from there.
const base = "https://github.com/mokasync/mokasync/schemas/"

// Kinds lists the kinds that have a schema, as `kind:` says them.
func Kinds() []string {
	return []string{"Customer", "Product", "Schedule", "Card", "Sale", "PaymentStep"}
}

// Project is the kind of mokasync.yaml, which is no manifest: it has a schema of its own and is in no other.
const Project = "Project"

// For gives the JSON Schema of a kind, or of Project, in whatever case it is written; nil if there is no such kind.
func For(kind string) []byte {
	for _, k := range append(Kinds(), Project) {
		if strings.EqualFold(k, kind) {
			return file(FileName(k))
		}
	}
	return nil
}

// All gives the JSON Schema of a manifest of any kind.
func All() []byte { return file("mokasync.schema.json") }

// FileName is the name of a kind's schema file. kubeconform finds it by the pattern {{.ResourceKind}}.schema.json.
func FileName(kind string) string { return strings.ToLower(kind) + ".schema.json" }

// URL gives the $id of a kind's schema.
func URL(kind string) string { return base + FileName(kind) }

func file(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return data
}
