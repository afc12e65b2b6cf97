package moka

import (
	"fmt"
	"net/http"
	"strconv"
)

// judge says whether an answer in Moka's form may be taken at its word: nil, or why not. e holds its status, code and texts.
func judge(e *Error, sent Record, got data) error {
	r := table[e.Op]
	if e.Code != codeSuccess {
		return judgeFailure(r, got)
	}
	switch {
	case e.Status/100 == 3:
		return ErrRedirect
	case e.Status/100 != 2, r.write && e.Status != http.StatusOK:
		return fmt.Errorf("%w: Success with an HTTP status that says otherwise", ErrShape)
	case e.Exception != "":
		return fmt.Errorf("%w: Success with an exception", ErrShape)
	}
	switch r.shape {
	case list:
		return judgeList(e.Op, got)
	case card:
		return judgeCard(sent, got)
	case gone:
		return judgeGone(got)
	}
	return judgeObject(r, sent, got)
}

// judgeFailure: a failure has no Data (moka-api 1.5). One that names a thing with an id says two things at once.
func judgeFailure(r row, got data) error {
	if got.seen > 0 || len(got.cards) > 0 || r.id != "" && got.main(r).ID(r.id) > 0 {
		return fmt.Errorf("%w: a failure with data", ErrShape)
	}
	return nil
}

// judgeList: the count must be the list's length (moka-api 4.5).
func judgeList(op Op, got data) error {
	if !got.listed {
		return fmt.Errorf("%w: the list is not there", ErrShape)
	}
	said, err := strconv.ParseInt(got.said, 10, 64)
	if err != nil || said < 0 {
		said = -1
	}
	if said != int64(got.seen) {
		return &CountError{Op: op, Said: said, Got: got.seen}
	}
	return nil
}

// judgeCard: the card that was asked for must be among those answered.
func judgeCard(sent Record, got data) error {
	if got.card(sent.Get("CardToken")) == nil {
		return fmt.Errorf("%w: the card is not in it", ErrMismatch)
	}
	return nil
}

// judgeGone: Success of a delete says true, or gives an object that holds nothing.
func judgeGone(got data) error {
	if !got.affirmed {
		return fmt.Errorf("%w: it does not say that it is gone", ErrShape)
	}
	return nil
}

// judgeObject: the object must have its id, and be the one that was sent.
func judgeObject(r row, sent Record, got data) error {
	object := got.main(r)
	id := object.ID(r.id)
	switch asked := sent.ID(r.id); {
	case id == 0:
		return fmt.Errorf("%w: it has no %s", ErrShape, r.id)
	case asked != 0 && asked != id:
		return fmt.Errorf("%w: its %s is not the one that was sent", ErrMismatch, r.id)
	}
	if key := sent.Get(r.key); key != "" && !sameKey(r.key, key, object.Get(r.key)) {
		return fmt.Errorf("%w: its %s is not the one that was sent", ErrMismatch, r.key)
	}
	return nil
}

// main is the object that the answer is about. The pages list a customer's members as if they stood in Data itself, while the samples have them in DealerCustomer: both are read.
func (d data) main(r row) Record {
	if r.shape == flat || d.customer == nil {
		return d.object
	}
	return d.customer
}

// card finds the card with a token, nil if it is not there.
func (d data) card(token string) Record {
	for _, c := range d.cards {
		if token != "" && sameKey("CardToken", token, c.Get("CardToken")) {
			return c
		}
	}
	return nil
}
