package spec

// references: what is named here is here; what is kept elsewhere is not here; a sale is charged to its own customer's cards.
func (j *judgement) references(marked suspects) {
	var kept map[codeHere]*Resource
	if len(j.mistaken) > 0 || marked.some(ofReferences) {
		kept = j.codesHere()
	}
	for i, r := range j.set.Resources {
		if !marked.has(i, ofReferences) {
			continue
		}
		j.referencesOf(r, kept)
		switch r.Address.Kind {
		case Sale:
			j.cardOwners(r)
		case PaymentStep:
			j.saleOfStep(r)
		}
	}
	// What could be read of the others counts: all mistakes come in one run.
	for _, r := range j.mistaken {
		j.referencesOf(r, kept)
	}
}

func (j *judgement) referencesOf(r *Resource, kept map[codeHere]*Resource) {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Field.IsReference() {
			continue
		}
		if v.Field.Type == Reference {
			j.reference(r, v, kept)
		}
		items := v.Items()
		for k := range items {
			j.reference(r, &items[k], kept)
		}
	}
}

// codeHere is a code of a kind.
type codeHere struct {
	kind Kind
	code string
}

func (j *judgement) codesHere() map[codeHere]*Resource {
	out := map[codeHere]*Resource{}
	for _, r := range j.set.Resources {
		if k := r.Address.Kind; k == Customer || k == Product || k == Sale {
			out[codeHere{k, r.Code}] = r
		}
	}
	return out
}

func (j *judgement) reference(r *Resource, v *Value, kept map[codeHere]*Resource) {
	a, local := v.Local()
	switch {
	case !local && (v.Key() == "customerCode" || v.Key() == "productCode" || v.Key() == "saleCode"):
		if here := kept[codeHere{v.Field.Target, v.Text}]; here != nil && !r.accepts(ruleKeptHere) {
			j.add(j.set.at(r, v, Warning, ruleKeptHere, "%s %q is that of %s here: write %s: %s, so that it is made first", v.Key(), v.Text, here.Address, v.Field.Name, here.Address.Name))
		}
	case local && a.Kind == Card && j.here.get(a) == nil && isToken(a.Name):
		j.add(j.set.at(r, v, Error, nil, "no Card here has this name, and it looks like a card token: write {token: …}"))
	case local && j.here.get(a) == nil && !j.broken[a] && !j.hinted[a]:
		j.add(j.set.at(r, v, Error, nil, "there is no %s %s in these manifests%s", a.Kind, a.Name, andThen(j.guess(a), "for one that is kept elsewhere write "+elsewhereForms(v.Field))))
	}
}

// maxGuesses bounds the names that are compared to find what was meant, so that a set of a hundred thousand with all references wrong is judged quickly too.
const maxGuesses = 1_000_000

func (j *judgement) guess(a Address) string {
	if j.guesses += len(j.set.Resources); j.guesses > maxGuesses {
		return ""
	}
	var names []string
	for _, r := range j.set.Resources {
		if r.Address.Kind == a.Kind {
			names = append(names, r.Address.Name)
		}
	}
	return didYouMean(a.Name, names)
}

// saleOfStep: only a sale whose steps are made by hand has any, and one on a day (moka-api 3.2, 4.3).
func (j *judgement) saleOfStep(step *Resource) {
	v := step.Value("sale")
	if v == nil {
		return
	}
	a, local := v.Local()
	if sale := j.here.get(a); local && sale != nil && (sale.Value("planType") == nil || sale.Text("planType") == "automatic") {
		j.add(j.set.at(step, v, Error, nil, "%s has planType automatic, and Moka makes its payment steps by its schedule: give it planType manual or both, or remove this step", a))
	}
	key := v.Key() + " " + v.Text + " " + step.Text("paymentDate")
	if sale := j.here.get(a); local && sale != nil {
		key = "saleCode " + sale.Code + " " + step.Text("paymentDate") // as others may name it
	}
	if first := j.steps[key]; first != nil {
		j.add(j.set.atValue(step, "paymentDate", Error, nil, "%s in %s is a step of the same sale on the same day: a sale has one step a day", first.Address, whereIs(first)))
		return
	}
	j.steps[key] = step
}

// cardOwners: every Card of a sale is one of its customer's.
func (j *judgement) cardOwners(sale *Resource) {
	cards, customer := sale.Value("cards"), sale.Value("customer")
	if cards == nil || customer == nil || sale.accepts(ruleCardOwner) {
		return
	}
	for i := range cards.Items() {
		if a, local := cards.Items()[i].Local(); local && j.here.get(a) != nil {
			j.set.cardOwner(sale, &cards.Items()[i], j.here.get(a), j.here, &j.ds)
		}
	}
}

// cardOwner reports a card of another customer than the sale's.
func (s *Set) cardOwner(sale *Resource, item *Value, card *Resource, here *index, ds *[]Diagnostic) {
	owner, buyer := card.Value("customer"), sale.Value("customer")
	if owner == nil || buyer == nil || !differ(owner, buyer, here) {
		return
	}
	*ds = append(*ds, s.at(sale, item, Error, ruleCardOwner, "%s is a card of another customer than the sale's: list the customer's own cards, or accept the rule if this is meant", card.Address))
}

// differ reports whether two references to customers are known to name two of them.
func differ(a, b *Value, here *index) bool {
	if a.Key() == b.Key() {
		return a.Text != b.Text
	}
	codeA, okA := customerCodeOf(a, here)
	codeB, okB := customerCodeOf(b, here)
	return okA && okB && codeA != codeB
}

func customerCodeOf(v *Value, here *index) (string, bool) {
	if v.Key() == "customerCode" {
		return v.Text, true
	}
	if a, local := v.Local(); local && here.get(a) != nil {
		return here.get(a).Code, true
	}
	return "", false
}

// judgeKeys holds the rules on card tokens and schedule ids, as far as these are known: none stands for two resources,
// no sale lists a card twice, and what has a manifest here is referred to by its name.
func (s *Set) judgeKeys(here *index, tokens *keyJudgement, marked suspects) []Diagnostic {
	k := *tokens
	k.here = here
	for i, r := range s.Resources {
		if r.Address.Kind == Sale && marked.has(i, ofKeys) {
			k.sale(r)
		}
	}
	return k.ds
}

// judgeTokens holds those of the rules that need no other addresses, and gives what the rest of them need.
func (s *Set) judgeTokens() *keyJudgement {
	k := &keyJudgement{set: s, tokens: map[string]*Resource{}, ids: map[string]*Resource{}}
	for _, r := range s.Resources {
		switch r.Address.Kind {
		case Card:
			k.once(r, r.Value("token"), k.tokens, "this token is that of %s in %s too: a card has one manifest")
		case Schedule:
			k.once(r, r.Value("id"), k.ids, "this id is that of %s in %s too: a schedule has one manifest")
		}
	}
	return k
}

type keyJudgement struct {
	set         *Set
	here        *index
	tokens, ids map[string]*Resource
	ds          []Diagnostic
}

func (k *keyJudgement) once(r *Resource, v *Value, met map[string]*Resource, message string) {
	if v == nil || v.FromSource() {
		return
	}
	if first := met[v.Text]; first != nil {
		k.ds = append(k.ds, k.set.at(r, v, Error, nil, message, first.Address, whereIs(first)))
		return
	}
	met[v.Text] = r
}

func (k *keyJudgement) sale(r *Resource) {
	if v := r.Value("schedule"); v != nil && v.Key() == "id" {
		k.keptHere(r, v, k.ids[v.Text])
	}
	cards := r.Value("cards")
	if cards == nil {
		return
	}
	var met [maxCards]string
	for i := range cards.Items() {
		v := &cards.Items()[i]
		met[i] = k.tokenOf(v)
		if v.Key() == "token" {
			if card := k.tokens[v.Text]; card != nil {
				k.keptHere(r, v, card)
				if !r.accepts(ruleCardOwner) {
					k.set.cardOwner(r, v, card, k.here, &k.ds)
				}
			}
		}
		for _, before := range met[:i] {
			if before != "" && before == met[i] {
				k.ds = append(k.ds, k.set.at(r, v, Error, nil, "this is a card that the sale lists already, by its token: keep one"))
				break
			}
		}
	}
}

func (k *keyJudgement) keptHere(r *Resource, v *Value, here *Resource) {
	if here != nil && !r.accepts(ruleKeptHere) {
		k.ds = append(k.ds, k.set.at(r, v, Warning, ruleKeptHere, "this is %s here: write its name, %s", here.Address, here.Address.Name))
	}
}

// tokenOf gives the token of a sale's card, "" if it is not known.
func (k *keyJudgement) tokenOf(v *Value) string {
	if v.Key() == "token" {
		return v.Text
	}
	if a, local := v.Local(); local && k.here.get(a) != nil {
		if t := k.here.get(a).Value("token"); t != nil && !t.FromSource() {
			return t.Text
		}
	}
	return ""
}
