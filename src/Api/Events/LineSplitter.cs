namespace LlmObserve.Api.Events;

/// <summary>Cuts newline-delimited JSON. Blank lines are passed over; the last line needs no newline.</summary>
internal sealed class LineSplitter : ElementSplitter
{
    private int _scanned;
    private bool _dropping;

    private static ReadOnlySpan<byte> Blank => " \t\r"u8;

    public override Split Next(ReadOnlySpan<byte> data, bool isFinal)
    {
        var start = 0;
        while (true)
        {
            var newline = data[(start + _scanned)..].IndexOf((byte)'\n');
            if (newline < 0 && !isFinal)
            {
                return Wait(data, start);
            }

            var end = newline < 0 ? data.Length : start + _scanned + newline;
            var advance = newline < 0 ? end : end + 1;
            _scanned = 0;
            if (_dropping || end - start > EventLimits.MaxEventBytes)
            {
                _dropping = false;
                Drop = DropReason.TooLong;
                return new Split(SplitKind.Dropped, start, 0, advance);
            }

            var line = data[start..end].TrimStart(Blank);
            if (!line.IsEmpty)
            {
                Drop = DropReason.None;
                return new Split(SplitKind.Element, end - line.Length, line.TrimEnd(Blank).Length, advance);
            }

            if (newline < 0)
            {
                return new Split(SplitKind.End, 0, 0, advance);
            }

            start = advance;
        }
    }

    private Split Wait(ReadOnlySpan<byte> data, int start)
    {
        if (_dropping || data.Length - start > EventLimits.MaxEventBytes)
        {
            _dropping = true;
            Drop = DropReason.TooLong;
            _scanned = 0;
            return new Split(SplitKind.NeedMore, 0, 0, data.Length);
        }

        _scanned = data.Length - start;
        return new Split(SplitKind.NeedMore, 0, 0, start);
    }
}
