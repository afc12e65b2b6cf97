package sandbox

import (
	"maps"
	"slices"
)

// table keeps the rows of one kind by id, and lists them in the order of ids.
type table[T any] struct {
	rows map[int64]*T
	// order holds ids, ascending. Ids of removed rows stay until they are the
	// greater part, so that removing costs as little as adding.
	order []int64
}

func newTable[T any]() table[T] { return table[T]{rows: map[int64]*T{}} }

func (t *table[T]) get(id int64) *T { return t.rows[id] }

func (t *table[T]) len() int { return len(t.rows) }

func (t *table[T]) put(id int64, row *T) {
	if _, known := t.rows[id]; !known {
		t.order = insertID(t.order, id)
	}
	t.rows[id] = row
}

func (t *table[T]) remove(id int64) {
	delete(t.rows, id)
	if len(t.order) > 2*len(t.rows)+32 {
		t.order = slices.DeleteFunc(t.order, func(id int64) bool { return t.rows[id] == nil })
	}
}

// all lists the rows in the order of their ids. The slice is the caller's own.
func (t *table[T]) all() []*T {
	list := make([]*T, 0, len(t.rows))
	for _, id := range t.order {
		if row := t.rows[id]; row != nil {
			list = append(list, row)
		}
	}
	return list
}

func (t *table[T]) clone() table[T] {
	return table[T]{rows: maps.Clone(t.rows), order: slices.Clone(t.order)}
}
