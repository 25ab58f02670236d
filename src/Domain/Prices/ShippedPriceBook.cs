using LlmObserve.Domain.Prices.Import;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// The book that comes with the program. <c>Book/units.json</c> is written by hand: providers' other names, and the prices of what is not
/// tokens. <c>Book/prices.json</c> is made from it and the public data by <see cref="Build"/>, and is what <see cref="Load"/> reads.
/// </summary>
public static class ShippedPriceBook
{
    /// <summary>The version of the first book of a database.</summary>
    public const int Version = 1;

    private const string BookResource = "prices/prices.json";
    private const string UnitsResource = "prices/units.json";

    /// <summary>Reads the embedded book anew; keep the result.</summary>
    public static PriceBook Load() => PriceBookJson.Read(Json(), Version);

    /// <summary>The embedded book as it is stored.</summary>
    public static byte[] Json() => Resource(BookResource);

    /// <summary>Makes the text of <c>Book/prices.json</c> from the public data.</summary>
    /// <param name="genAiPrices">The public file, <c>prices/new_data/v2/data.json</c> of pydantic/genai-prices.</param>
    /// <param name="asOf">The day of that file.</param>
    /// <returns>The text, and the report of the import, whose faults the maker of a release reads.</returns>
    public static (byte[] Json, PriceImportReport Report) Build(ReadOnlyMemory<byte> genAiPrices, DateOnly asOf)
    {
        var units = PriceBookJson.Read(Resource(UnitsResource), 0);
        var import = GenAiPricesImport.Read(genAiPrices, units, asOf);
        return (PriceBookJson.Write(import.Book), import.Report);
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(ShippedPriceBook).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource {name} is not in the assembly");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
