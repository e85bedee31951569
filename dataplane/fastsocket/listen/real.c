#include "real.h"

#include <dlfcn.h>

#define DEFINE_REAL(result, name, arguments) result(*real_##name) arguments;
REAL_FUNCTIONS(DEFINE_REAL)

/* A function pointer cannot be cast from dlsym's object pointer in ISO C; POSIX asks for this detour. */
#define RESOLVE(result, name, arguments) *(void **)&real_##name = dlsym(RTLD_NEXT, #name);

void real_resolve(void) {
    REAL_FUNCTIONS(RESOLVE)
}
