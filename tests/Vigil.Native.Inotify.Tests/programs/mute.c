/*
 * Checks of the functions of a bus with somebody at the socket who does not answer: mute CHECK DIRECTORY. The status is
 * 0 where all is as it should be.
 */
#include "check.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, path);
    EXPECT(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 8) == 0);
    return listener;
}

/* Somebody listens where the server is to be, and says nothing. */
static void from_the_start(void)
{
    int listener = listen_at("mute.sock");
    vigil_bus_options given = {.size = sizeof given, .socket = "mute.sock", .reconnect_ms = 50};
    vigil_bus *bus;
    EXPECT(vigil_bus_subscribe(".", &given, &bus) == ETIMEDOUT && bus == NULL);
    EXPECT(strstr(vigil_last_error(), "mute.sock") != NULL);
    close(listener);
}

/* Somebody greets, and then says nothing: no function waits for an answer for longer than it was told to. */
static void after_the_hello(void)
{
    static const uint32_t welcome[] = {16, 1 << 16 | 2, 1, 1};
    int listener = listen_at("greets.sock");
    pid_t server = fork();
    for (char hello[64]; server == 0;) {
        int peer = accept(listener, NULL, NULL);
        if (recv(peer, hello, sizeof hello, 0) <= 0 || send(peer, welcome, sizeof welcome, 0) != sizeof welcome)
            _exit(1);
    }
    vigil_bus_options given = {.size = sizeof given, .socket = "greets.sock", .answer_ms = 200};
    vigil_bus *bus;
    vigil_position position;
    EXPECT(vigil_bus_subscribe(".", &given, &bus) == ETIMEDOUT && bus == NULL);
    EXPECT(strstr(vigil_last_error(), "greets.sock") != NULL && strstr(vigil_last_error(), "0.2 s") != NULL);
    EXPECT(vigil_bus_since(".", &given, &bus) == ETIMEDOUT && bus == NULL);
    EXPECT(vigil_bus_clock(".", &given, &position) == ETIMEDOUT && position.epoch == 0);
    EXPECT(kill(server, SIGKILL) == 0 && waitpid(server, NULL, 0) == server);
    close(listener);
}

static const struct check checks[] = {
    {"from-the-start", from_the_start},
    {"after-the-hello", after_the_hello},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return run_check(checks, argc, argv);
}
