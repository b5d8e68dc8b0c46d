// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints bpf/td_g711.h: the direct way between the two laws of ITU-T G.711, one byte for
 * one byte. Run by the build, not part of the product.
 *
 * The rule is that of the recommendation's decoder and coder in a row: a code stands for
 * the value in the middle of its interval (tables 1 and 2), and that value is coded by the
 * other law's decision values; signs stay. (The conversion printed as tables 3 and 4 is up
 * to one step off in 50 places; nobody hears it, and every codec in software does it by
 * this rule.) Values are in the units of u-law, 14 bits with sign; A-law has half as many.
 */
#include <stdio.h>

static int middle_u(int code)
{
	return ((2 * (code & 15) + 33) << (code >> 4)) - 33;
}

static int lowest_u(int code)
{
	return code ? ((2 * (code & 15) + 32) << (code >> 4)) - 33 : 0;
}

static int middle_a(int code)
{
	int seg = code >> 4, step = 2 * (code & 15);

	return 2 * (seg ? (step + 33) << (seg - 1) : step + 1);
}

static int lowest_a(int code)
{
	int seg = code >> 4, step = 2 * (code & 15);

	return 2 * (seg ? (step + 32) << (seg - 1) : step);
}

static int code_of(int value, int (*lowest)(int))
{
	int code = 127;

	while (lowest(code) > value)
		code--;
	return code;
}

/* On the wire u-law is inverted, A-law has every other bit inverted. */
static int u2a(int wire)
{
	return ((wire & 0x80) | code_of(middle_u(~wire & 0x7f), lowest_a)) ^ 0x55;
}

static int a2u(int wire)
{
	int code = wire ^ 0x55;

	return (code & 0x80) | (~code_of(middle_a(code & 0x7f), lowest_u) & 0x7f);
}

static void print(const char *name, int (*convert)(int))
{
	printf("\nstatic const __u8 %s[256] = {", name);
	for (int i = 0; i < 256; i++)
		printf("%s%3d,", i % 16 ? " " : "\n\t", convert(i));
	printf("\n};\n");
}

int main(void)
{
	printf("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"
	       "/* Made by tools/g711_tables.c. G.711: u-law byte to A-law byte and back. */\n"
	       "#ifndef TD_BPF_G711_H\n#define TD_BPF_G711_H\n\n#include <linux/types.h>\n");
	print("td_g711_u2a", u2a);
	print("td_g711_a2u", a2u);
	printf("\n#endif\n");
	return 0;
}
