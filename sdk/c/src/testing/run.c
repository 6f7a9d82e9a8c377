/* Runs every test in a process of its own. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/gatewright_testing.h"

static gw_test *gw_first_test;
static gw_test **gw_last_test = &gw_first_test;

void gw_test_add(gw_test *test) {
  *gw_last_test = test;
  gw_last_test = &test->next;
}

/* Whether the test ended as it must. */
static bool gw_run(const gw_test *test) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    if (test->must_fault) fclose(stderr);
    test->run();
    exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return false;
  return test->must_fault ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void) {
  int failed = 0;
  for (const gw_test *test = gw_first_test; test != NULL; test = test->next) {
    bool is_good = gw_run(test);
    printf("%s %s\n", is_good ? "ok    " : "FAILED", test->name);
    failed += !is_good;
  }
  return failed > 0;
}
