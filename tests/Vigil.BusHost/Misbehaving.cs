using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Tests;

/// <summary>
/// Peers that do what no client does. Each says "refused TEXT" for what the server answers, or "closed" where it closed
/// the connection without a word.
/// </summary>
internal static class Misbehaving
{
    private const uint Version = 1;
    private const ushort HelloKind = 1;
    private const ushort SubscribeKind = 4;
    private const ushort SinceKind = 7;

    internal static async Task RunAsync(string[] words)
    {
        await Task.Yield();
        switch (words[1])
        {
            case "version":
                Tell(words[0], Hello(lowest: 7, highest: 9));
                break;
            case "magic":
                Tell(words[0], Message(HelloKind, Version, 1234UL, 1u, 1u));
                break;
            case "garbage":
                byte[] garbage = new byte[1000];
                new Random(int.Parse(words[2], CultureInfo.InvariantCulture)).NextBytes(garbage);
                Tell(words[0], garbage);
                break;
            case "long":
                Tell(words[0], new byte[(64 << 10) + 1]);
                break;
            case "half":
                Tell(words[0], Hello(1, 1)[..10]);
                break;
            case "silence":
                Tell(words[0]);
                break;
            case "hello":
                // And then silence.
                Tell(words[0], Hello(1, 1));
                break;
            case "twice":
                Tell(words[0], Hello(1, 1), Hello(1, 1));
                break;
            case "early":
                Tell(words[0], Subscribe(words[2]));
                break;
            case "root":
                Tell(words[0], Hello(1, 1), Subscribe(words[2]));
                break;
            case "globs":
                byte[] globs = Message(
                    SubscribeKind, Version, 4u, "/tmp"u8.ToArray(), 63u, 0u, 0UL, 0UL, uint.MaxValue);
                Tell(words[0], Hello(1, 1), globs);
                break;
            case "descriptors":
                SendDescriptors(words[0], int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            case "deaf":
                Deafen(words[0], words[2], int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            case "mute":
                Mute(words[0], words[2], int.Parse(words[3], CultureInfo.InvariantCulture), words[4]);
                break;
            case "hasty":
                Hurry(words[0], words[2], int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            case "crowd":
                Crowd(words[0], int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"nobody misbehaves by {words[1]}");
        }
    }

    private static byte[] Hello(uint lowest, uint highest) =>
        Message(HelloKind, Version, Encoding.ASCII.GetBytes("VIGILBUS"), lowest, highest);

    private static byte[] Subscribe(string root)
    {
        byte[] path = Encoding.UTF8.GetBytes(root);
        return Message(SubscribeKind, Version, (uint)path.Length, path, 63u, 0u, 0UL, 0UL, 0u, 0u);
    }

    // By hand, as a program in another language would.
    private static byte[] Message(ushort kind, uint version, params object[] fields)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(0u);
        writer.Write(kind);
        writer.Write((ushort)version);
        foreach (object field in fields)
        {
            switch (field)
            {
                case uint number:
                    writer.Write(number);
                    break;
                case ulong number:
                    writer.Write(number);
                    break;
                default:
                    writer.Write((byte[])field);
                    break;
            }
        }

        stream.Position = 0;
        writer.Write((uint)stream.Length);
        return stream.ToArray();
    }

    private static void Tell(string path, params byte[][] messages)
    {
        using UnixSocket socket = Connect(path);
        foreach (byte[] message in messages)
        {
            Failure failure = socket.TrySend(message, []);
            if (failure != Failure.None)
            {
                Parts.Say($"unsent {failure}");
            }
        }

        Hear(socket);
    }

    private static UnixSocket Connect(string path)
    {
        while (true)
        {
            if (UnixSocket.TryConnect(path, out Failure failure, packets: true) is { } socket)
            {
                return socket;
            }

            if (failure != Failure.WouldBlock)
            {
                throw new IOException($"connect: {failure}");
            }

            Thread.Yield();
        }
    }

    private static void Hear(UnixSocket socket)
    {
        byte[] buffer = new byte[64 << 10];
        while (socket.WaitReadable(timeoutMs: 30_000))
        {
            Failure failure = socket.TryReceive(buffer, out ReceivedMessage received);
            using (received)
            {
                if (failure != Failure.None || received.LengthBytes == 0)
                {
                    Parts.Say("closed");
                    return;
                }

                ushort kind = BitConverter.ToUInt16(buffer, 4);
                Parts.Say(kind == 3
                    ? $"refused {Encoding.UTF8.GetString(buffer, 16, received.LengthBytes - 16)}"
                    : $"heard {kind}");
            }
        }

        Parts.Say("wrong the server leaves it waiting");
    }

    // As many as a message may carry, in each: with a hello, so that what is wrong is only that they come.
    private static void SendDescriptors(string path, int messages)
    {
        using var file = File.OpenHandle("/dev/null");
        int[] all = new int[UnixSocket.MaxDescriptors];
        Array.Fill(all, (int)file.DangerousGetHandle());
        for (int i = 0; i < messages; i++)
        {
            using UnixSocket socket = Connect(path);
            Failure failure = socket.TrySend(Hello(1, 1), all);
            if (failure != Failure.None)
            {
                Parts.Say($"unsent {failure}");
            }

            Hear(socket);
        }
    }

    // Subscriptions that differ, for all that is there, of which not a word is received until the test is gone.
    private static void Deafen(string path, string root, int count)
    {
        var sockets = new List<UnixSocket>();
        byte[] place = Encoding.UTF8.GetBytes(root);
        for (uint i = 0; i < count; i++)
        {
            UnixSocket socket = Connect(path);
            sockets.Add(socket);
            byte[] glob = Encoding.UTF8.GetBytes($"no{i}");
            _ = socket.TrySend(Hello(1, 1), []);
            byte[] question = Message(
                SubscribeKind, Version, (uint)place.Length, place, 63u, 1u, 0UL, 0UL, 0u, 1u, (uint)glob.Length, glob);
            _ = socket.TrySend(question, []);
        }

        Parts.Say($"deaf {count}");
        _ = Console.In.ReadToEnd();
        sockets.ForEach(socket => socket.Dispose());
    }

    // Questions for all that is there, of which each has its answer in the socket when it ends its own side, or says
    // what is nothing; and does not receive it until the test is gone.
    private static void Mute(string path, string root, int count, string how)
    {
        var sockets = new List<UnixSocket>();
        byte[] place = Encoding.UTF8.GetBytes(root);
        for (uint i = 0; i < count; i++)
        {
            UnixSocket socket = Greet(path);
            sockets.Add(socket);
            byte[] glob = Encoding.UTF8.GetBytes($"no{i}");
            byte[] question = Message(
                SinceKind, Version, (uint)place.Length, place, 63u, 4u, 1UL, 1UL, 0u, 1u, (uint)glob.Length, glob);
            _ = socket.TrySend(question, []);
        }

        foreach (UnixSocket socket in sockets)
        {
            Parts.Say(socket.WaitReadable(timeoutMs: 30_000) ? "answered" : "wrong there is no answer");
            EndSide(socket, how);
        }

        Parts.Say($"mute {count}");
        _ = Console.In.ReadToEnd();
        sockets.ForEach(socket => socket.Dispose());
    }

    private static void EndSide(UnixSocket socket, string how)
    {
        switch (how)
        {
            case "write":
                using (var side = new Socket(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: false)))
                {
                    side.Shutdown(SocketShutdown.Send);
                }

                break;
            case "both":
                socket.Shutdown();
                break;
            default:
                _ = socket.TrySend([], []);
                break;
        }
    }

    // Questions that nobody waits to have answered.
    private static void Hurry(string path, string root, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using UnixSocket socket = Greet(path);
            _ = socket.TrySend(Subscribe(root), []);
        }

        Parts.Say($"asked {count}");
    }

    private static UnixSocket Greet(string path)
    {
        UnixSocket socket = Connect(path);
        byte[] buffer = new byte[64 << 10];
        _ = socket.TrySend(Hello(1, 1), []);
        _ = socket.WaitReadable(timeoutMs: 30_000);
        Failure failure = socket.TryReceive(buffer, out ReceivedMessage welcome);
        using (welcome)
        {
            return failure == Failure.None ? socket : throw new IOException($"no welcome: {failure}");
        }
    }

    // All at once, and held until the test is gone.
    private static void Crowd(string path, int count)
    {
        var sockets = new List<UnixSocket>();
        for (int i = 0; i < count; i++)
        {
            sockets.Add(Connect(path));
        }

        Parts.Say($"crowded {sockets.Count}");
        _ = Console.In.ReadToEnd();
        sockets.ForEach(socket => socket.Dispose());
    }
}
