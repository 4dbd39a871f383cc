package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"
)

const pollIn = 1 // POLLIN

// socket is a connection whose thread waits in the kernel, without a word to Go's scheduler (RawSyscall). The poller
// and the scheduler's watchdog would cost a call about as much processor time as all the rest of the generator, on a
// core that it may share with the database. There is a thread for each connection, and nothing else for it to do.
type socket struct {
	file *os.File
	fd   uintptr
}

// open connects; reads and writes give up after the timeout.
func open(address string, timeout time.Duration) (*socket, error) {
	dialed, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer dialed.Close()
	tcp, ok := dialed.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("%s is not a TCP connection", address)
	}
	file, err := tcp.File() // another descriptor of the same connection
	if err != nil {
		return nil, err
	}
	s := &socket{file, file.Fd()} // Fd makes it blocking
	limit := syscall.NsecToTimeval(timeout.Nanoseconds())
	for _, option := range []int{syscall.SO_RCVTIMEO, syscall.SO_SNDTIMEO} {
		if err := syscall.SetsockoptTimeval(int(s.fd), syscall.SOL_SOCKET, option, &limit); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *socket) Read(into []byte) (int, error) {
	n, err := s.transfer(syscall.SYS_READ, into)
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	return n, err
}

func (s *socket) Write(content []byte) (int, error) {
	written := 0
	for written < len(content) {
		n, err := s.transfer(syscall.SYS_WRITE, content[written:])
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// readable tells whether something came within the time.
func (s *socket) readable(within time.Duration) bool {
	waited := struct {
		fd               int32
		events, happened int16
	}{fd: int32(s.fd), events: pollIn}
	limit := syscall.NsecToTimespec(max(within, 0).Nanoseconds())
	n, _, failed := syscall.RawSyscall6(syscall.SYS_PPOLL,
		uintptr(unsafe.Pointer(&waited)), 1, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	return failed == 0 && n > 0
}

func (s *socket) transfer(direction uintptr, buffer []byte) (int, error) {
	began := time.Now()
	for {
		n, _, failed := syscall.RawSyscall(direction, s.fd,
			uintptr(unsafe.Pointer(unsafe.SliceData(buffer))), uintptr(len(buffer)))
		switch failed {
		case 0:
			return int(n), nil
		case syscall.EINTR: // the watchdog wants the thread back, and does not get it; the time limit begins anew
			if time.Since(began) > patience {
				return 0, os.ErrDeadlineExceeded
			}
		default:
			return 0, os.NewSyscallError("read or write", failed)
		}
	}
}

func (s *socket) Close() error { return s.file.Close() }
