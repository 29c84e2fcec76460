// How the allocator (jemalloc) treats memory that is free: it goes back to the system
// after seconds, by threads of the allocator, not when somebody happens to allocate.

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0";
}
