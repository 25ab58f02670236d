using System.Buffers;

namespace LlmObserve.Api.Events;

/// <summary>Cuts a JSON array. Checks brackets and commas of the array itself; what is inside an element its reader checks.</summary>
internal sealed class ArraySplitter : ElementSplitter
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> StringEnd = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> ScalarEnd = SearchValues.Create(", ]\t\r\n"u8);
    private static readonly SearchValues<byte> ElementStart = SearchValues.Create("{[\"-0123456789tfn"u8);
    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);

    private Place _place = Place.BeforeArray;
    private int _scanned;
    private int _depth;
    private bool _inString;
    private bool _escaped;
    private bool _isScalar;
    private int _elements;

    private enum Place
    {
        BeforeArray,
        BeforeFirst,
        BeforeElement,
        InElement,
        AfterElement,
        AfterArray,
    }

    public override Split Next(ReadOnlySpan<byte> data, bool isFinal)
    {
        var at = 0;
        while (true)
        {
            if (_place == Place.InElement)
            {
                return Element(data, at, isFinal);
            }

            var skipped = data[at..].IndexOfAnyExcept(Whitespace);
            if (skipped < 0)
            {
                return isFinal ? AtEnd() : new Split(SplitKind.NeedMore, 0, 0, data.Length);
            }

            at += skipped;
            if (_place == Place.BeforeArray && IsByteOrderMark(data[at..], isFinal, out var whole))
            {
                if (!whole)
                {
                    return new Split(SplitKind.NeedMore, 0, 0, at);
                }

                at += ByteOrderMark.Length;
            }
            else if (Punctuation(data[at]) is { } broken)
            {
                return broken;
            }
            else
            {
                at += _place == Place.InElement ? 0 : 1;
            }
        }
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Some tools put a byte order mark before UTF-8. JSON has none, but nothing else begins like it.</summary>
    private static bool IsByteOrderMark(ReadOnlySpan<byte> data, bool isFinal, out bool whole)
    {
        whole = data.StartsWith(ByteOrderMark);
        return whole || (!isFinal && ByteOrderMark.StartsWith(data));
    }

    /// <summary>Takes one byte outside of elements, or sees that an element begins; a split where it may not stand here.</summary>
    private Split? Punctuation(byte next)
    {
        switch (_place, next)
        {
            case (Place.BeforeArray, (byte)'['):
                _place = Place.BeforeFirst;
                return null;
            case (Place.BeforeArray, (byte)'{'):
                return Break("The body is a JSON object; it must be an array of events: put it in [ ].");
            case (Place.BeforeArray, _):
                return Break("The body is not a JSON array: it does not begin with [.");
            case (Place.BeforeFirst or Place.AfterElement, (byte)']'):
                _place = Place.AfterArray;
                return null;
            case (Place.AfterElement, (byte)','):
                _place = Place.BeforeElement;
                return null;
            case (Place.BeforeElement, (byte)']'):
                return Break($"The body is not JSON: there is a comma but no element after element {_elements - 1}.");
            case (Place.AfterElement, _):
                return Break($"The body is not JSON: there is neither a comma nor ] after element {_elements - 1}.");
            case (Place.AfterArray, _):
                return Break("The body is not JSON: there is more after the end of the array.");
            default:
                return Begin(next);
        }
    }

    private Split? Begin(byte first)
    {
        if (!ElementStart.Contains(first))
        {
            return Break($"The body is not JSON: element {_elements} begins with the byte 0x{first:X2}.");
        }

        _place = Place.InElement;
        Drop = DropReason.None;
        _scanned = 0;
        _depth = 0;
        _isScalar = first is not ((byte)'{' or (byte)'[' or (byte)'"');
        return null;
    }

    private Split Element(ReadOnlySpan<byte> data, int start, bool isFinal)
    {
        var end = FindEnd(data[start..]);
        if (end >= 0)
        {
            _place = Place.AfterElement;
            _elements++;
            Drop = Drop == DropReason.None && end > EventLimits.MaxEventBytes ? DropReason.TooLong : Drop;
            return new Split(Drop == DropReason.None ? SplitKind.Element : SplitKind.Dropped, start, end, start + end);
        }

        if (isFinal)
        {
            return AtEnd();
        }

        if (data.Length - start > EventLimits.MaxEventBytes && Drop == DropReason.None)
        {
            Drop = DropReason.TooLong;
        }

        if (Drop == DropReason.None)
        {
            return new Split(SplitKind.NeedMore, 0, 0, start);
        }

        _scanned = 0;
        return new Split(SplitKind.NeedMore, 0, 0, data.Length);
    }

    /// <summary>Where the element ends, or -1 with the place up to which it was looked at.</summary>
    private int FindEnd(ReadOnlySpan<byte> data)
    {
        var i = _scanned;
        if (_isScalar)
        {
            var end = data[i..].IndexOfAny(ScalarEnd);
            _scanned = data.Length;
            return end < 0 ? -1 : i + end;
        }

        if (_escaped && i < data.Length)
        {
            _escaped = false;
            i++;
        }

        while (i < data.Length)
        {
            var next = data[i..].IndexOfAny(_inString ? StringEnd : Structure);
            if (next < 0)
            {
                break;
            }

            i += next;
            switch (data[i++])
            {
                case (byte)'\\' when i == data.Length:
                    _escaped = true;
                    break;
                case (byte)'\\':
                    i++;
                    break;
                case (byte)'"':
                    _inString = !_inString;
                    if (!_inString && _depth == 0)
                    {
                        return i;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    if (++_depth > EventLimits.MaxDepth && Drop == DropReason.None)
                    {
                        // The same answer however the bytes arrived: too long is seen first where both are true.
                        Drop = i > EventLimits.MaxEventBytes ? DropReason.TooLong : DropReason.TooDeep;
                    }

                    break;
                default:
                    if (--_depth <= 0)
                    {
                        return i;
                    }

                    break;
            }
        }

        _scanned = data.Length;
        return -1;
    }

    private Split AtEnd() => _place switch
    {
        Place.AfterArray => new Split(SplitKind.End, 0, 0, 0),
        Place.BeforeArray => Break("The body is empty; it must be a JSON array of events."),
        _ => Break($"The body ends inside the array, after {_elements} whole elements: it was cut short."),
    };
}
