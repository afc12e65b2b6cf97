package plan

import (
	"fmt"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// isHistory reports whether what is known is a payment step whose day has passed: it is kept as it was, and never made again.
func (m *maker) isHistory(known *lockfile.Entry) bool {
	return known.Address.Kind == spec.PaymentStep && m.Today != "" && known.Text("paymentDate") < m.Today
}

// history blocks changes of a payment step whose day has come (moka-api 2.26, 4.3).
func (m *maker) history(c *Change, known *lockfile.Entry) {
	if known.Address.Kind != spec.PaymentStep || m.Today == "" || len(c.Fields) == 0 || c.Action == Blocked {
		return
	}
	switch was, will := known.Text("paymentDate"), c.Desired.Text("paymentDate"); {
	case was < m.Today:
		c.Action, c.Reason = Blocked, fmt.Sprintf("its day, %s, has passed: it is history and does not change. Put the old values back into the manifest, and write what is to come as another step", was)
	case was == m.Today:
		c.Action, c.Reason = Blocked, fmt.Sprintf("its day, %s, has come: Moka may be charging it. Put the old values back into the manifest, and write what is to come as another step", was)
	case will < m.Today:
		c.Action, c.Reason = Blocked, fmt.Sprintf("its new day, %s, has passed: choose tomorrow or a later one", will)
	}
}

// stepOnce: a sale has one payment step a day, however its steps name it (moka-api 4.3). The manifests alone do not show it where one gives Moka's number.
func (m *maker) stepOnce(r *spec.Resource) {
	if r.Address.Kind != spec.PaymentStep {
		return
	}
	if m.steps == nil {
		m.steps = map[string]*spec.Resource{}
	}
	sale, _ := m.world.Texts(r.Value("sale"))
	key := stepKey(m.world.asCode(saleOfStep, sale[0]), r.Text("paymentDate"))
	if first := m.steps[key]; first != nil {
		m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Error, r, r.Value("paymentDate"),
			fmt.Sprintf("%s is a step of the same sale on the same day, and both would be charged: a sale has one step a day", first.Address)))
		return
	}
	m.steps[key] = r
}
