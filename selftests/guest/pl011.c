// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PL011 that only sends. Its interrupt is a level: it is up while there is room
 * in the FIFO, and goes up when a thread has sent what was there. That is not
 * before somebody waits for it, so that a driver does have to wait, however slow
 * it is; for one that polls, a FIFO is sent once it has been seen to be full.
 */
#include <unistd.h>

#include "vmm.h"

#define DR			0x000
#define FR			0x018
#define IBRD			0x024
#define FBRD			0x028
#define LCRH			0x02c
#define CR			0x030
#define IFLS			0x034
#define IMSC			0x038
#define RIS			0x03c
#define MIS			0x040
#define ICR			0x044
#define PERIPHID0		0xfe0
#define CELLID3			0xffc

#define FR_RXFE			0x10
#define FR_TXFF			0x20
#define FR_TXFE			0x80
#define INT_TX			0x20
#define LCRH_FEN		0x10
#define FIFO_SIZE		32

static struct uart {
	struct device dev;
	pthread_mutex_t lock;
	pthread_cond_t waits;
	struct output output;
	u32 ibrd, fbrd, lcrh, cr, ifls, imsc, ris;
	unsigned int fifo;
	bool level;
} uart;

static u64 raised;

/* With the lock, so that what the GIC sees last is what is. */
static void update(void)
{
	bool level = uart.ris & uart.imsc;

	if (level != uart.level)
		set_spi(UART_SPI, level);
	raised += level && !uart.level;
	uart.level = level;
}

u64 uart_raised(void)
{
	return raised;
}

static void sent(void)
{
	uart.fifo = 0;
	uart.ris |= INT_TX;
	update();
}

static void *uart_thread(void *arg)
{
	pthread_mutex_lock(&uart.lock);
	for (;;) {
		while (!uart.fifo || !(uart.imsc & INT_TX))
			pthread_cond_wait(&uart.waits, &uart.lock);
		pthread_mutex_unlock(&uart.lock);
		usleep(100);
		pthread_mutex_lock(&uart.lock);
		sent();
	}
	return NULL;
}

static unsigned int fifo_size(void)
{
	return uart.lcrh & LCRH_FEN ? FIFO_SIZE : 1;
}

static u32 flags(void)
{
	if (!uart.fifo)
		return FR_RXFE | FR_TXFE;
	if (uart.fifo < fifo_size())
		return FR_RXFE;
	sent();
	return FR_RXFE | FR_TXFF;
}

static u32 read_reg(u64 offset)
{
	/* The identification of ARM's PL011, r1p5 */
	static const u8 id[] = { 0x11, 0x10, 0x34, 0, 0x0d, 0xf0, 0x05, 0xb1 };

	switch (offset) {
	case FR:
		return flags();
	case IBRD:
		return uart.ibrd;
	case FBRD:
		return uart.fbrd;
	case LCRH:
		return uart.lcrh;
	case CR:
		return uart.cr;
	case IFLS:
		return uart.ifls;
	case IMSC:
		return uart.imsc;
	case RIS:
		return uart.ris;
	case MIS:
		return uart.ris & uart.imsc;
	case PERIPHID0 ... CELLID3:
		return id[(offset - PERIPHID0) / 4];
	}
	return 0;
}

static u64 uart_read(struct device *dev, u64 offset, unsigned int size)
{
	u32 val;

	pthread_mutex_lock(&uart.lock);
	val = read_reg(offset);
	pthread_mutex_unlock(&uart.lock);
	return val;
}

static void uart_write(struct device *dev, u64 offset, unsigned int size,
		       u64 val)
{
	pthread_mutex_lock(&uart.lock);
	switch (offset) {
	case DR:
		output_char(&uart.output, val);
		uart.fifo++;
		if (uart.fifo >= fifo_size() / 2)
			uart.ris &= ~INT_TX;
		break;
	case IBRD:
		uart.ibrd = val;
		break;
	case FBRD:
		uart.fbrd = val;
		break;
	case LCRH:
		uart.lcrh = val;
		break;
	case CR:
		uart.cr = val;
		break;
	case IFLS:
		uart.ifls = val;
		break;
	case IMSC:
		uart.imsc = val;
		break;
	case ICR:
		uart.ris &= ~val;
		break;
	}
	update();
	pthread_cond_signal(&uart.waits);
	pthread_mutex_unlock(&uart.lock);
}

static void uart_reset(struct device *dev)
{
	pthread_mutex_lock(&uart.lock);
	uart.ibrd = 0;
	uart.fbrd = 0;
	uart.lcrh = 0;
	uart.cr = 0x300;
	uart.ifls = 0x12;
	uart.imsc = 0;
	uart.ris = 0;
	uart.fifo = 0;
	update();
	pthread_mutex_unlock(&uart.lock);
}

static void uart_stop(struct device *dev)
{
	pthread_mutex_lock(&uart.lock);
}

static void uart_state(struct device *dev)
{
	image_state(&uart.ibrd, sizeof(uart.ibrd));
	image_state(&uart.fbrd, sizeof(uart.fbrd));
	image_state(&uart.lcrh, sizeof(uart.lcrh));
	image_state(&uart.cr, sizeof(uart.cr));
	image_state(&uart.ifls, sizeof(uart.ifls));
	image_state(&uart.imsc, sizeof(uart.imsc));
	image_state(&uart.ris, sizeof(uart.ris));
	image_state(&uart.fifo, sizeof(uart.fifo));
	output_state(&uart.output);
}

/* The line is not in the image: it is what the registers make of it. */
static void uart_go(struct device *dev)
{
	update();
	pthread_cond_signal(&uart.waits);
	pthread_mutex_unlock(&uart.lock);
}

static void uart_node(struct device *dev, void *fdt)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clocks[] = "uartclk\0apb_pclk";
	const u32 clock[] = { fdt_clock(), fdt_clock() };

	fdt_device(fdt, "serial", dev->base, NULL, UART_SPI, true);
	fdt_prop_strings(fdt, "compatible", compatible, sizeof(compatible));
	fdt_prop_strings(fdt, "clock-names", clocks, sizeof(clocks));
	fdt_prop_cells(fdt, "clocks", clock, 2);
}

void uart_create(void)
{
	pthread_t thread;

	pthread_mutex_init(&uart.lock, NULL);
	pthread_cond_init(&uart.waits, NULL);
	uart.dev = (struct device) {
		.base = UART_BASE,
		.read = uart_read,
		.write = uart_write,
		.reset = uart_reset,
		.node = uart_node,
		.stop = uart_stop,
		.state = uart_state,
		.go = uart_go,
	};
	uart_reset(&uart.dev);
	add_device(&uart.dev);
	if (pthread_create(&thread, NULL, uart_thread, NULL))
		die("no thread for the UART");
}

void uart_flush(void)
{
	pthread_mutex_lock(&uart.lock);
	output_flush(&uart.output);
	pthread_mutex_unlock(&uart.lock);
}
