package moka

import (
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// passage follows one request through the transport, to know afterwards how far it got.
type passage struct {
	network bool // through our own transport, whose every connection counts its bytes
	body    *requestBody

	mu      sync.Mutex
	conn    *countedConn
	before  int64 // what conn had written when the request got it
	opaque  bool  // it got a connection of which nothing can be proven
	sent    atomic.Bool
	answers atomic.Bool
}

// hooks are called by net/http from goroutines of its own.
func (p *passage) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			p.mu.Lock()
			defer p.mu.Unlock()
			conn := counted(got.Conn)
			if conn == nil || p.conn != nil {
				p.opaque = true
				return
			}
			p.conn, p.before = conn, conn.written.Load()
		},
		WroteRequest: func(wrote httptrace.WroteRequestInfo) {
			if wrote.Err == nil {
				p.sent.Store(true)
			}
		},
		GotFirstResponseByte: func() { p.answers.Store(true) },
	}
}

// phase says how far a request got that failed without an answer. The transport has given up the connection then; it is sealed, so that what is found stays true.
func (p *passage) phase() Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.nothingLeft():
	case p.network, !p.body.touched():
		return PhaseConnect
	}
	switch {
	case p.answers.Load():
		return PhaseRead
	case p.sent.Load():
		return PhaseWait
	}
	return PhaseSend
}

// nothingLeft reports whether it is proven that no byte of the request went to the network.
func (p *passage) nothingLeft() bool {
	if p.opaque {
		return false
	}
	return p.conn == nil || p.conn.seal() == p.before
}
