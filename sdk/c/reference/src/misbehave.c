/* What a policy must not do, done on purpose. */

#include "misbehave.h"

/* The length of an answer that is over every limit. */
#define HUGE_BYTES 4000000

_Noreturn void loop(void) {
  for (volatile int again = 1;; again++) {
  }
}

/* `volatile` keeps a frame for every call: without it the compiler makes a loop. */
int recurse(int depth) {
  volatile int next = depth + 1;
  return next > 0 ? recurse(next) + next : 0;
}

_Noreturn void grow(void) {
  for (;;) {
    volatile char *kept = gw_allocate(1 << 20);
    *kept = 1;
  }
}

gw_text huge(void) {
  char *text = gw_allocate(HUGE_BYTES);
  for (size_t i = 0; i < HUGE_BYTES; i++) text[i] = 'x';
  return (gw_text){text, HUGE_BYTES};
}

int count(void) {
  static int count;
  return ++count;
}
