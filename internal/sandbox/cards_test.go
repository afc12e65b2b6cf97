package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cardTokens lists the tokens in a customer Data.
func cardTokens(t *testing.T, data string) []string {
	t.Helper()
	var in struct{ CardList []struct{ CardToken string } }
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for _, c := range in.CardList {
		tokens = append(tokens, c.CardToken)
	}
	return tokens
}

// ownerOf returns the id of the customer that GetCard shows.
func ownerOf(t *testing.T, s *Server, token string) string {
	t.Helper()
	return field(t, field(t, must(t, s, "GetCard", `{"CardToken":"`+token+`"}`), "DealerCustomer"), "DealerCustomerId")
}

func TestAddCard(t *testing.T) {
	s := shop(t)
	data := must(t, s, "AddCard", `{"CustomerCode":"A","CardHolderFullName":"deniz örnek","CardNumber":"5127541122223332","ExpMonth":"3","ExpYear":"2031","CardName":"work"}`)
	tokens := cardTokens(t, data)
	if len(tokens) != 1 || !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(tokens[0]) {
		t.Fatalf("got tokens %v, want one guid", tokens)
	}
	for _, want := range []string{`"CardListCount":1`, `"CardName":"work"`, `"CardNumberFirstSix":"512754"`, `"CardNumberLastFour":"3332"`, `"CardHolderFullName":"deniz örnek"`, `"ExpMonth":"03"`, `"ExpYear":"2031"`} {
		if !strings.Contains(data, want) {
			t.Errorf("got %s, want %s in it", data, want)
		}
	}
	// The answer shows the new card alone; the list shows all, in order.
	second := cardTokens(t, must(t, s, "AddCard", `{"CustomerCode":"A","CardNumber":"5127541122223340","ExpMonth":"03","ExpYear":"2031"}`))
	if len(second) != 1 {
		t.Errorf("got %d cards in the answer, want the new one", len(second))
	}
	if got, want := cardTokens(t, must(t, s, "GetCardList", `{"CustomerCode":"A"}`)), append(tokens, second...); !slices.Equal(got, want) {
		t.Errorf("got list %v, want %v", got, want)
	}
	wantCode(t, s, "AddCard", `{"CustomerCode":"A","CardNumber":"5127541122223340","ExpMonth":"04","ExpYear":"2032"}`, "CardAlreadyExists")
	must(t, s, "AddCard", `{"CustomerCode":"B","CardNumber":"5127541122223340","ExpMonth":"03","ExpYear":"2031"}`)
	must(t, s, "RemoveCard", `{"CardToken":"`+second[0]+`"}`)
	must(t, s, "AddCard", `{"CustomerCode":"A","CardNumber":"5127541122223340","ExpMonth":"03","ExpYear":"2031"}`)
}

func TestBadCards(t *testing.T) {
	for _, request := range []string{
		`{"CardNumber":"5127 5411 2222 3332","ExpMonth":"01","ExpYear":"2030"}`, `{"CardNumber":"51275411222","ExpMonth":"01","ExpYear":"2030"}`,
		`{"CardNumber":"51275411222233325127","ExpMonth":"01","ExpYear":"2030"}`, `{"CardNumber":"5127541122223332","ExpMonth":"13","ExpYear":"2030"}`,
		`{"CardNumber":"5127541122223332","ExpMonth":"00","ExpYear":"2030"}`, `{"CardNumber":"5127541122223332","ExpMonth":"","ExpYear":"2030"}`,
		`{"CardNumber":"5127541122223332","ExpMonth":"01","ExpYear":"30"}`, `{"ExpMonth":"01","ExpYear":"2030"}`,
	} {
		wantCode(t, shop(t), "AddCard", `{"CustomerCode":"A",`+request[1:], "InvalidRequest")
	}
}

func TestAddCustomerWithCard(t *testing.T) {
	s := newSandbox(t)
	data := must(t, s, "AddCustomerWithCard", `{"CustomerCode":"C",`+newCard+`}`)
	if got := cardTokens(t, must(t, s, "GetCardList", `{"CustomerCode":"C"}`)); !slices.Equal(got, cardTokens(t, data)) || len(got) != 1 {
		t.Errorf("got %v, want the card of %s", got, data)
	}
	// Both or neither.
	wantCode(t, s, "AddCustomerWithCard", `{"CustomerCode":"D","CardNumber":"1"}`, "InvalidRequest")
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"D"}`, "DealerCustomerNotFound")
}

// A test card exists without having been added, belongs to nobody, and becomes
// the card of the customer with whom it is first named in a sale.
func TestTestCardsFindTheirOwner(t *testing.T) {
	for _, token := range []string{
		TestCardToken(0), TestCardToken(17), TestCardToken(999_999_999_999), TestCardToken(FailingCards),
		"9de41bb0-e82f-4670-b36b-d71ff27a3111", "51937236-82e0-4637-a8f5-2e1ec56ec870",
	} {
		s := shop(t)
		data := must(t, s, "GetCard", `{"CardToken":"`+token+`"}`)
		nobody := `{"DealerCustomer":{"DealerCustomerId":0,"CustomerCode":"","Password":"","FirstName":"","LastName":"","Gender":0,"BirthDate":"","GsmNumber":"","Email":"","Address":""},"CardListCount":1,`
		if !strings.HasPrefix(data, nobody) {
			t.Errorf("%s: got %s, want no owner", token, data)
		}
		// A new name makes it nobody's still.
		must(t, s, "UpdateCard", `{"CardToken":"`+token+`","CardName":"mine"}`)
		if got := ownerOf(t, s, token); got != "0" {
			t.Errorf("%s after UpdateCard: got owner %s", token, got)
		}
		must(t, s, "AddSale", saleRequest("DefaultCard1Token", `"`+token+`"`))
		if got := ownerOf(t, s, token); got != "1033" {
			t.Errorf("%s after AddSale: got owner %s, want 1033", token, got)
		}
		list := must(t, s, "GetCardList", `{"CustomerCode":"A"}`)
		if !slices.Equal(cardTokens(t, list), []string{token}) || !strings.Contains(list, `"CardName":"mine"`) {
			t.Errorf("%s: got list %s", token, list)
		}
		wantCode(t, s, "AddSale", saleRequest("CustomerCode", `"B"`, "DefaultCard1Token", `"`+token+`"`), "InvalidCardToken")
		must(t, s, "RemoveCard", `{"CardToken":"`+token+`"}`)
		wantCode(t, s, "GetCard", `{"CardToken":"`+token+`"}`, "CardNotFound")
		wantCode(t, s, "AddSale", saleRequest("SaleCode", `"s2"`, "DefaultCard1Token", `"`+token+`"`), "InvalidCardToken")
	}
}

// A refused sale gives a test card to nobody; one card in two slots is one card.
func TestTestCardsAndRefusals(t *testing.T) {
	s := shop(t)
	card := `"` + TestCardToken(5) + `"`
	wantCode(t, s, "AddSale", saleRequest("DefaultCard1Token", card, "Currency", `"XX"`), "InvalidCurrencyCode")
	if got := ownerOf(t, s, TestCardToken(5)); got != "0" {
		t.Errorf("after a refusal: got owner %s", got)
	}
	must(t, s, "AddSale", saleRequest("DefaultCard1Token", card, "DefaultCard2Token", card, "DefaultCard3Token", `"`+TestCardToken(4)+`"`))
	if got := cardTokens(t, must(t, s, "GetCardList", `{"CustomerCode":"A"}`)); !slices.Equal(got, []string{TestCardToken(5), TestCardToken(4)}) {
		t.Errorf("got list %v", got)
	}
	must(t, s, "UpdateSale", `{"SaleCode":"s1","EndDate":"20280115","DefaultCard2Token":"`+TestCardToken(6)+`"}`)
	if got := ownerOf(t, s, TestCardToken(6)); got != "1033" {
		t.Errorf("after UpdateSale: got owner %s, want 1033", got)
	}
	// Removed before anyone had it, it is gone as well.
	must(t, s, "RemoveCard", `{"CardToken":"`+TestCardToken(7)+`"}`)
	wantCode(t, s, "GetCard", `{"CardToken":"`+TestCardToken(7)+`"}`, "CardNotFound")
}

// What is printed on a test card follows from its token, so it is the same on
// every machine and day. The six first and four last digits are no card number.
func TestTestCardPrint(t *testing.T) {
	if got, want := testPrint(TestCardToken(123456)), (cardPrint{"TEST BANKASI 1", "000001", "3456", "TEST CARD 123456", "01", "2046"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRemoveCardSwitch(t *testing.T) {
	for setting, want := range map[string]string{"leave": `"` + TestCardToken(1) + `"`, "break": `""`} {
		s := shop(t, "remove-card="+setting)
		must(t, s, "AddSale", saleRequest("DefaultCard3Token", `"`+TestCardToken(1)+`"`, "DefaultCard2Token", `"`+TestCardToken(2)+`"`))
		must(t, s, "RemoveCard", `{"CardToken":"`+TestCardToken(1)+`"}`)
		data := must(t, s, "GetSale", `{"SaleCode":"s1"}`)
		if got := field(t, data, "DefaultCard1Token") + field(t, data, "DefaultCard3Token"); got != want+want {
			t.Errorf("%s: got %s", setting, data)
		}
		if got := field(t, data, "DefaultCard2Token"); got != `"`+TestCardToken(2)+`"` {
			t.Errorf("%s: the other card: got %s", setting, got)
		}
	}
}
