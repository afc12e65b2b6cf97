package moka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	dialTime = 10 * time.Second
	// idleTime is well under what web servers usually grant an idle connection, so that few are found dead when they are used again.
	idleTime = 20 * time.Second
)

// errProxy stands for net/http's own error, which quotes the proxy's address and with it perhaps a password.
var errProxy = errors.New("the proxy's address is not valid")

// newTransport gives the transport for the network: TLS 1.2 or newer, as many idle connections as there are calls in flight. It speaks HTTP/1.1 only: one call at a time
// on a connection makes it provable that not a byte of a call has left, which HTTP/2's shared connections do not.
func newTransport(o Options) *http.Transport {
	dialer := &net.Dialer{Timeout: min(dialTime, o.Timeout), KeepAlive: 15 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols: protocols,
		Proxy: func(r *http.Request) (*url.URL, error) {
			u, err := http.ProxyFromEnvironment(r)
			if err != nil {
				return nil, errProxy
			}
			return u, nil
		},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &countedConn{Conn: conn}, nil
		},
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout: min(dialTime, o.Timeout),
		MaxIdleConns:        o.Parallel,
		MaxIdleConnsPerHost: o.Parallel,
		IdleConnTimeout:     idleTime,
	}
}

// countedConn counts the bytes that it handed to the operating system. Once sealed it takes none: from then on the count is final.
type countedConn struct {
	net.Conn
	written atomic.Int64 // counts what a Write in progress may yet write as written
	sealed  atomic.Bool
}

func (c *countedConn) Write(p []byte) (int, error) {
	// The order matters: either seal sees these bytes, or this Write sees the seal.
	c.written.Add(int64(len(p)))
	if c.sealed.Load() {
		c.written.Add(-int64(len(p)))
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n - len(p)))
	return n, err
}

// seal ends all writing and gives the final count.
func (c *countedConn) seal() int64 {
	c.sealed.Store(true)
	return c.written.Load()
}

// counted finds the countedConn beneath TLS, nil if there is none.
func counted(conn net.Conn) *countedConn {
	for {
		switch c := conn.(type) {
		case *countedConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
