/*
 * A Modbus TCP server written with libmodbus, independent of our encoder.
 *
 * Usage: libmodbus_server PORT
 *
 * Holding and input registers hold the same: for each word order (ABCD, CDAB,
 * BADC, DCBA) a block of 64 registers from 64 * index, with
 *   +0 int16, +1 uint16, +2 int32, +4 uint32, +6 float32, +8 int64, +12 uint64,
 *   +16 float64, +20 a text of 8 registers, +30 ten float32: 0.5, 1.5, ... 9.5
 * Coil n is set if n is a multiple of 3, discrete input n if of 5.
 * There is nothing from address 256 on.
 */
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ORDERS = 4, BLOCK = 64, SIZE = ORDERS * BLOCK, MOST_CONNECTIONS = 16 };

/* Put the `bytes` of a value, most significant first, in the given order. */
static void put(uint16_t *at, uint64_t value, int bytes, int order)
{
    int words = bytes / 2;
    for (int i = 0; i < words; i++) {
        uint16_t word = (uint16_t)(value >> (16 * (words - 1 - i)));
        if (order == 2 || order == 3)
            word = (uint16_t)(word << 8 | word >> 8);
        at[(order == 1 || order == 3) ? words - 1 - i : i] = word;
    }
}

static void put_float(uint16_t *at, float value, int order)
{
    uint32_t raw;
    memcpy(&raw, &value, sizeof raw);
    put(at, raw, 4, order);
}

static void put_double(uint16_t *at, double value, int order)
{
    uint64_t raw;
    memcpy(&raw, &value, sizeof raw);
    put(at, raw, 8, order);
}

static void fill(uint16_t *at, int order)
{
    const char text[16] = "Electrode-07";
    put(at + 0, (uint16_t)(int16_t)-1234, 2, order);
    put(at + 1, 65000, 2, order);
    put(at + 2, (uint32_t)(int32_t)-123456789, 4, order);
    put(at + 4, 4000000000u, 4, order);
    put_float(at + 6, 3.14159f, order);
    put(at + 8, (uint64_t)(int64_t)-1234567890123456789LL, 8, order);
    put(at + 12, 12345678901234567890ULL, 8, order);
    put_double(at + 16, -2.718281828459045, order);
    for (int i = 0; i < 8; i++) /* in a text only the order of the bytes counts */
        put(at + 20 + i, (uint16_t)((uint8_t)text[2 * i] << 8 | (uint8_t)text[2 * i + 1]), 2, order);
    for (int i = 0; i < 10; i++)
        put_float(at + 30 + 2 * i, i + 0.5f, order);
}

int main(int argc, char **argv)
{
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 1502);
    modbus_mapping_t *map = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    if (modbus == NULL || map == NULL)
        return 1;
    for (int order = 0; order < ORDERS; order++)
        fill(map->tab_registers + BLOCK * order, order);
    memcpy(map->tab_input_registers, map->tab_registers, SIZE * sizeof(uint16_t));
    for (int i = 0; i < SIZE; i++) {
        map->tab_bits[i] = i % 3 == 0;
        map->tab_input_bits[i] = i % 5 == 0;
    }
    int listener = modbus_tcp_listen(modbus, MOST_CONNECTIONS);
    if (listener == -1) {
        fprintf(stderr, "cannot listen: %s\n", modbus_strerror(errno));
        return 1;
    }
    for (;;) { /* one client at a time, as simple devices do */
        int length;
        if (modbus_tcp_accept(modbus, &listener) == -1)
            return 1;
        while ((length = modbus_receive(modbus, query)) != -1)
            if (length > 0)
                modbus_reply(modbus, query, length, map);
        modbus_close(modbus);
    }
}
