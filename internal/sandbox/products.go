package sandbox

import (
	"crypto/rand"
	"fmt"
)

// newGUID makes a random identifier as Moka does for a missing code and for a
// new card: lower case, without braces.
func newGUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// addProduct: the name is required, name and code are each unique, and a
// missing code becomes a guid (moka-api 2.12).
func addProduct(c *call) result {
	name := c.in.text("ProductName", 100)
	code := c.in.text("ProductCode", 0)
	if c.in.bad {
		return c.invalid()
	}
	if !name.given() {
		return c.refuse("ProductNameIsRequired")
	}
	if _, taken := c.state.productByCode[code.value]; taken {
		return c.refuse("ProductCodeAlreadyUsing")
	}
	if _, taken := c.state.productByName[name.value]; taken {
		return c.refuse("ProductNameAlreadyExists")
	}
	row := &product{ID: take(&c.next.Product), Name: name.value, Code: code.value}
	if row.Code == "" {
		row.Code = newGUID()
	}
	return done(row, &record{Products: []*product{row}})
}

// productKey is the pair of members that select a product.
type productKey struct {
	code string
	id   int64
}

// findProduct selects by id, by code, or by both if they agree.
func (s *state) findProduct(key productKey, notFound string) (row *product, reason string) {
	switch {
	case key.id == 0 && key.code == "":
		return nil, "ProductCodeOrDealerProductIdMustBeGiven"
	case key.id == 0:
		row = s.products.get(s.productByCode[key.code])
	default:
		row = s.products.get(key.id)
	}
	if row == nil {
		return nil, notFound
	}
	if key.code != "" && key.code != row.Code {
		return nil, "ProductCodeDoesntMatchDealerProductId"
	}
	return row, ""
}

const productNotFound = "ProductNotFound"

// deleteProduct leaves sales as they are (moka-api 3.6).
func deleteProduct(c *call) result {
	key := productKey{code: c.in.text("ProductCode", 0).value}
	if c.in.bad {
		return c.invalid()
	}
	// The documented sample sends a word as id beside the code (moka-api 2.13):
	// with a code, an id that is no number counts as absent.
	key.id = c.in.id("DealerProductId")
	if c.in.bad && key.code == "" {
		return c.invalid()
	}
	row, reason := c.state.findProduct(key, productNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	return done(true, &record{Removed: &removed{Products: []int64{row.ID}}})
}

func getProductList(c *call) result {
	return listed(c, "ProductListCount", "ProductList", c.state.products.all(), productNotFound)
}
