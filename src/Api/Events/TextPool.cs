using System.Runtime.InteropServices;
using System.Text;

namespace LlmObserve.Api.Events;

/// <summary>
/// Gives the same string for the same bytes, where it still remembers: providers, models, sections and customers repeat in nearly every event.
/// A table of a fixed size in which a newcomer takes the place of whoever stood there, so clients cannot make it grow. Safe for any number
/// of threads: an entry never changes, and a lost race costs one string.
/// </summary>
internal sealed class TextPool
{
    /// <summary>A power of two. Tens of labels an account, for a hundred busy accounts; at most 1 MB.</summary>
    private const int Slots = 4096;

    /// <summary>Labels are short; what is longer is likely to occur once.</summary>
    private const int MaxBytes = 64;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>The string of printable ASCII; null where these bytes are something else and need a closer look.</summary>
    public string? Get(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes)
        {
            return IsPrintable(text) ? Encoding.ASCII.GetString(text) : null;
        }

        ref var slot = ref _entries[Hash(text) & (Slots - 1)];
        var entry = Volatile.Read(ref slot);
        if (entry is not null && entry.Bytes.AsSpan().SequenceEqual(text))
        {
            return entry.Text;
        }

        if (!IsPrintable(text))
        {
            return null;
        }

        entry = new Entry(text.ToArray(), Encoding.ASCII.GetString(text));
        Volatile.Write(ref slot, entry);
        return entry.Text;
    }

    /// <summary>ASCII without control characters: no further question about it.</summary>
    public static bool IsPrintable(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(text);
        foreach (var word in words)
        {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
        }

        foreach (var letter in text[(words.Length * sizeof(ulong))..])
        {
            hash = (hash ^ letter) * 0x9E3779B97F4A7C15;
        }

        return (uint)(hash >> 40);
    }

    private sealed record Entry(byte[] Bytes, string Text);
}
